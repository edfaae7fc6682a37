"""Splits the public data, runs three classifiers on each split, prints a table.

The split is by a hash of the normalised text, so copies of a message stay on one
side; it differs from the splits that Yiwang's own choices were made on.
"""
import hashlib, json, os, re, subprocess, sys, time

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

DATA, WORK = sys.argv[1], sys.argv[2]


def load(name):
    with open(f"{DATA}/{name}.jsonl", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def key(text):
    return re.sub(r"[\W_]", "", (text or "").lower())


def bucket(row, parts=8):
    return int(hashlib.sha256(("bench" + key(row["text"])).encode()).hexdigest(), 16) % parts


def write(name, rows):
    with open(f"{WORK}/{name}", "w", encoding="utf-8") as f:
        for r in rows:
            f.write(json.dumps(r, ensure_ascii=False) + "\n")
    return f"{WORK}/{name}"


def tasks():
    """Yields name, label, training rows, test rows, further files for Yiwang."""
    matters = load("matters")
    test = [r for r in matters if r["passes"] == 2 and bucket(r) < 4]
    keys = {key(r["text"]) for r in test}
    yield "matter", "matter", [r for r in matters if key(r["text"]) not in keys], test, ["matters", "stream", "replies", "messages"]

    messages, titles = load("messages"), load("titles")
    test = [r for r in messages if bucket(r) == 0]
    names = {key(r["title"]) for r in test if r["title"]}
    train = [r for r in messages if bucket(r) != 0] + [dict(t, text="") for t in titles if key(t["title"]) not in names]
    yield "category", "category", train, test, []

    units = {u["id"]: u for u in load("reply_units")}
    rows = [dict(r, unit_type=units[r["id"]]["unit_type"], also=units[r["id"]]["also"]) for r in load("replies") if r["id"] in units]
    yield "unit_type", "unit_type", [r for r in rows if bucket(r) > 1], [r for r in rows if bucket(r) <= 1], ["matters", "stream", "messages"]


def spent():
    """Processor seconds of the programs that were run, on all cores together."""
    t = os.times()
    return t.children_user + t.children_system


def words(row):
    return ((row.get("title") or "") + "。" + (row.get("text") or "")).replace("\n", " ").lower()


def figures(scores, labels, test, label):
    order = np.argsort(-scores, 1)
    right = [{r[label], *((r.get("also") or []) if label != "category" else [])} for r in test]
    hit = np.array([labels[o[0]] in ok for o, ok in zip(order, right)])
    top3 = np.mean([any(labels[j] in ok for j in o[:3]) for o, ok in zip(order, right)])
    said = [r[label] if h else labels[o[0]] for r, h, o in zip(test, hit, order)]
    f1 = []
    for c in {r[label] for r in test} | set(said):
        tp = sum(s == c == r[label] for s, r in zip(said, test))
        n = sum(s == c for s in said) + sum(r[label] == c for r in test)
        f1.append(2 * tp / n if n else 0)
    top2 = -np.sort(-scores, 1)[:, :2]
    sure = np.argsort(-(top2[:, 0] - top2[:, 1]), kind="stable")
    share = np.cumsum(hit[sure]) / np.arange(1, len(sure) + 1)
    at = np.where(share >= 0.95)[0]
    return hit.mean(), np.mean(f1), top3, (at[-1] + 1) / len(sure) if len(at) else 0


def svm(train, test, label):
    start = time.process_time()
    body = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    title = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    name = lambda rows: [(r.get("title") or "").lower() for r in rows]
    a = hstack([body.fit_transform(map(words, train)), 0.5 * title.fit_transform(name(train))]).tocsr()
    model = LinearSVC().fit(a, [r[label] for r in train])
    trained = time.process_time() - start
    start = time.process_time()
    b = hstack([body.transform(map(words, test)), 0.5 * title.transform(name(test))]).tocsr()
    scores = model.decision_function(b)
    return (*figures(scores, list(model.classes_), test, label), trained, len(test) / (time.process_time() - start))


def fasttext(train, test, label):
    spaced = lambda r: " ".join(re.sub(r"\s", "", words(r)))
    names = {c: f"__label__{i}" for i, c in enumerate(sorted({r[label] for r in train}))}
    with open(f"{WORK}/ft.train", "w", encoding="utf-8") as f:
        f.writelines(f"{names[r[label]]} {spaced(r)}\n" for r in train)
    with open(f"{WORK}/ft.test", "w", encoding="utf-8") as f:
        f.writelines(spaced(r) + "\n" for r in test)
    start = spent()
    subprocess.run(["fasttext", "supervised", "-input", f"{WORK}/ft.train", "-output", f"{WORK}/ft", "-epoch", "25", "-lr", "0.5", "-wordNgrams", "3", "-dim", "100", "-thread", "2"], check=True, capture_output=True)
    trained = spent() - start
    start = spent()
    out = subprocess.run(["fasttext", "predict-prob", f"{WORK}/ft.bin", f"{WORK}/ft.test", str(len(names))], check=True, capture_output=True, text=True).stdout
    speed = len(test) / (spent() - start)
    labels = list(names)
    place = {names[c]: i for i, c in enumerate(labels)}
    scores = np.zeros((len(test), len(labels)))
    for i, line in enumerate(out.splitlines()):
        parts = line.split()
        for name, p in zip(parts[::2], parts[1::2]):
            scores[i, place[name]] = float(p)
    return (*figures(scores, labels, test, label), trained, speed)


def yiwang(train, test, label, more):
    cmd = [f"{WORK}/yiwang", "dispatch", "eval", "--train", write("train.jsonl", train), "--test", write("test.jsonl", test), "--label", label, "--json"]
    cmd += [x for m in more for x in ("--texts", f"{DATA}/{m}.jsonl")] or ["--alone"]
    r = json.loads(subprocess.run(cmd, check=True, capture_output=True, text=True).stdout)
    return r["accuracy"], r["macro_f1"], r["top3"], r["coverage_at_95_precision"], r["train_cpu_seconds"], r["messages_per_second"], r["auto_share"], r["auto_precision"]


def show(task, who, f):
    auto = f"{f[6]:.3f} at {f[7]:.3f}" if len(f) > 6 else "–"
    print(f"| {task} | {who} | {f[0]:.3f} | {f[1]:.3f} | {f[2]:.3f} | {f[3]:.3f} | {auto} | {f[4]:.1f} | {f[5]:,.0f} |", flush=True)


print("| task | who | accuracy | macro F1 | top 3 | could be sent at 95 % | sent at its own threshold | training, CPU s | messages a CPU s |")
print("|---|---|---|---|---|---|---|---|---|")
for name, label, train, test, more in tasks():
    task = f"{name} ({len(train):,} → {len(test):,})"
    show(task, "fastText", fasttext(train, test, label))
    show(task, "linear SVM", svm(train, test, label))
    show(task, "Yiwang, these labels alone", yiwang(train, test, label, []))
    if more:
        show(task, "Yiwang, with all text", yiwang(train, test, label, more))
