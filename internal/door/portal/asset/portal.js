// What a script adds to pages that are complete without it: the present place,
// a map that answers at once, smaller photos, drafts that save themselves,
// running countdowns, and the receipt as a picture.
(function () {
  "use strict";
  if (!window.fetch || !window.FormData || !window.Promise) return;
  var root = document.documentElement;
  root.classList.add("js");
  var all = function (sel, from) { return Array.prototype.slice.call((from || document).querySelectorAll(sel)); };

  // A form is sent once; a second click while it travels does nothing.
  all("form").forEach(function (form) {
    var sentAt = 0;
    form.addEventListener("submit", function (e) {
      if (e.defaultPrevented) return;
      if (Date.now() - sentAt < 8000) { e.preventDefault(); return; }
      sentAt = Date.now();
    });
    window.addEventListener("pageshow", function () { sentAt = 0; });
  });

  var trouble = document.querySelector(".problems");
  if (trouble) trouble.focus();

  // Drafts save themselves a moment after the last key.
  var step = document.querySelector("form[data-save]");
  if (step) {
    var timer, said = step.querySelector("[data-saved]");
    var texts = function () {
      var d = new URLSearchParams();
      all("input, textarea, select", step).forEach(function (x) {
        if (!x.name || x.type === "file" || x.type === "image" || x.type === "submit") return;
        if ((x.type === "radio" || x.type === "checkbox") && !x.checked) return;
        d.append(x.name, x.value);
      });
      return d;
    };
    var save = function () {
      timer = 0;
      fetch(step.dataset.save, { method: "POST", body: texts(), credentials: "same-origin", keepalive: true })
        .then(function (r) { if (said && r.ok) said.textContent = said.dataset.saved; }, function () {});
    };
    step.addEventListener("input", function (e) {
      if (e.target.type === "file") return;
      if (said) said.textContent = "";
      clearTimeout(timer); timer = setTimeout(save, 1500);
    });
    step.addEventListener("submit", function () { clearTimeout(timer); timer = 0; });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden" && timer) { clearTimeout(timer); save(); }
    });
  }

  // The map's buttons exchange the map only.
  function swapMap(extra) {
    var d = texts(), form = step;
    Object.keys(extra).forEach(function (k) { d.append(k, extra[k]); });
    return fetch(form.action, { method: "POST", body: d, credentials: "same-origin" })
      .then(function (r) { if (!r.ok) throw r; return r.text(); })
      .then(function (html) {
        var fresh = new DOMParser().parseFromString(html, "text/html").getElementById("map");
        var old = document.getElementById("map");
        if (!fresh || !old) throw html;
        old.replaceWith(fresh);
        readyMap(fresh);
      });
  }
  function readyMap(map) {
    if (!map || !step) return;
    var picture = map.querySelector("input[type=image]");
    if (picture) picture.addEventListener("click", function (e) {
      e.preventDefault();
      var box = picture.getBoundingClientRect();
      var byKey = !e.clientX && !e.clientY;
      swapMap({
        "_map.x": byKey ? 0 : e.clientX - box.left, "_map.y": byKey ? 0 : e.clientY - box.top, "_shown": byKey ? 0 : box.width
      }).then(function () { focusOn("input[type=image]"); }, function () { step.submit(); });
    });
    all("button[name=_view]", map).forEach(function (b) {
      b.addEventListener("click", function (e) {
        e.preventDefault();
        swapMap({ _view: b.value }).then(function () { focusOn("button[value=" + b.value + "]"); }, function () { step.submit(); });
      });
    });
    var here = map.querySelector("[data-here]"), word = map.querySelector("[data-here-said]");
    if (here && navigator.geolocation && window.isSecureContext !== false) {
      here.hidden = false;
      here.addEventListener("click", function () {
        word.textContent = word.dataset.wait;
        navigator.geolocation.getCurrentPosition(function (p) {
          swapMap({ _here: p.coords.longitude + "," + p.coords.latitude }).catch(function () { word.textContent = word.dataset.fail; });
        }, function () { word.textContent = word.dataset.fail; }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
      });
    }
  }
  function focusOn(sel) { var x = document.querySelector("#map " + sel); if (x) x.focus({ preventScroll: true }); }
  readyMap(document.getElementById("map"));

  // Photos are made smaller before they travel, and shown.
  all("input[data-photos]").forEach(function (input) {
    var list = input.parentNode.querySelector(".preview");
    input.addEventListener("change", function () {
      var files = Array.prototype.slice.call(input.files, 0, +input.dataset.photos);
      Promise.all(files.map(smaller)).then(function (done) {
        try {
          var bag = new DataTransfer();
          done.forEach(function (f) { bag.items.add(f); });
          input.files = bag.files;
        } catch (e) { done = files; }
        if (!list) return;
        list.textContent = "";
        list.hidden = !done.length;
        done.forEach(function (f) {
          var li = document.createElement("li");
          if (/^image\//.test(f.type)) {
            var img = new Image();
            img.alt = f.name; img.src = URL.createObjectURL(f);
            img.onload = function () { URL.revokeObjectURL(img.src); };
            li.appendChild(img);
          } else li.textContent = f.name;
          list.appendChild(li);
        });
      });
    });
  });
  function smaller(file) {
    if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || file.size < 300000) return Promise.resolve(file);
    return new Promise(function (done) {
      var img = new Image(), url = URL.createObjectURL(file);
      img.onerror = function () { URL.revokeObjectURL(url); done(file); };
      img.onload = function () {
        URL.revokeObjectURL(url);
        var k = Math.min(1, 1920 / Math.max(img.naturalWidth, img.naturalHeight));
        var c = document.createElement("canvas");
        c.width = Math.round(img.naturalWidth * k); c.height = Math.round(img.naturalHeight * k);
        c.getContext("2d").drawImage(img, 0, 0, c.width, c.height);
        c.toBlob(function (b) {
          if (!b || b.size >= file.size) return done(file);
          done(new File([b], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }));
        }, "image/jpeg", 0.82);
      };
      img.src = url;
    });
  }

  // In the last hour a countdown runs, in the words of the page.
  all("[data-due]").forEach(function (x) {
    var tick = function () {
      var m = Math.floor((+x.dataset.due - Date.now()) / 60000);
      if (m >= 1 && m < 60) x.textContent = x.dataset.left.replace("#", m);
    };
    setInterval(tick, 10000); tick();
  });

  // The receipt as a picture that a long press saves, in any web view.
  all("[data-picture]").forEach(function (link) {
    link.addEventListener("click", function (e) {
      e.preventDefault();
      var img = new Image();
      img.onload = function () {
        var c = document.createElement("canvas"); c.width = 1440; c.height = 1120;
        c.getContext("2d").drawImage(img, 0, 0, c.width, c.height);
        var url, box = document.querySelector(".picture");
        try { url = c.toDataURL("image/png"); } catch (err) { location.href = link.href; return; }
        var shown = new Image(); shown.src = url; shown.alt = link.textContent;
        var p = document.createElement("p"); p.textContent = link.dataset.hint;
        box.textContent = ""; box.appendChild(p); box.appendChild(shown); box.hidden = false;
        var a = document.createElement("a"); a.href = url; a.download = link.download.replace(".svg", ".png");
        document.body.appendChild(a); a.click(); a.remove();
        box.scrollIntoView({ block: "nearest" });
      };
      img.onerror = function () { location.href = link.href; };
      img.src = link.dataset.picture;
    });
  });
  all("[data-print]").forEach(function (b) { b.hidden = false; b.addEventListener("click", function () { window.print(); }); });
})();
