package main

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// site is several machines on one: etcd, three PostgreSQL servers under Patroni and the
// proxy, each with the files of deploy/ and an address of its own on loopback. In those
// files nothing is replaced but addresses, directories and the way to the programs.
type site struct {
	ctx     context.Context
	dir     string
	second  int // of the addresses: 127.second.*.*
	owner   *syscall.Credential
	bin     string // of PostgreSQL
	patroni string // the program; PATRONI names another than the one in PATH
	members []*member
	etcd    *daemon
	nginx   *daemon
	roots   *x509.CertPool
}

// domain is the name in deploy/proxy.
const domain = "yiwang.example.org"

// The passwords are of this site only, which lets nobody in from outside.
const sitePassword = "for-the-trial-only"

const servers = 3

func (s *site) node(slot int) string { return fmt.Sprintf("127.%d.0.1%d:8080", s.second, slot+1) }
func (s *site) store() string        { return fmt.Sprintf("127.%d.1.21:2379", s.second) }
func (s *site) proxy() string        { return fmt.Sprintf("127.%d.0.5:8443", s.second) }
func (s *site) server(n int) string  { return fmt.Sprintf("127.%d.1.1%d", s.second, n) }
func (s *site) public() string       { return "https://" + domain }

// url names every server, as docs/growing.md says.
func (s *site) url() string {
	var hosts []string
	for n := range servers {
		hosts = append(hosts, s.server(n+1))
	}
	return "postgres://yiwang@" + strings.Join(hosts, ",") + "/yiwang?target_session_attrs=read-write&sslmode=require"
}

// through is a browser's way to the proxy.
func (s *site) through() *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, s.proxy())
		},
		TLSClientConfig:   &tls.Config{RootCAs: s.roots},
		ForceAttemptHTTP2: true,
	}
}

// newSite prepares the directory and starts everything but the houses.
func newSite(ctx context.Context, dir string) (s *site, err error) {
	s = &site{ctx: ctx, dir: dir, second: 64 + os.Getpid()%64, patroni: cmp.Or(os.Getenv("PATRONI"), "patroni")}
	owner, err := user.Lookup("postgres")
	if err != nil || os.Getuid() != 0 {
		return s, errors.Join(errors.New("it has to run as root, to start PostgreSQL as the user postgres"), err)
	}
	uid, uerr := strconv.Atoi(owner.Uid)
	gid, gerr := strconv.Atoi(owner.Gid)
	bin, berr := exec.CommandContext(ctx, "script/postgres", "bin").Output()
	if err := errors.Join(uerr, gerr, berr); err != nil {
		return s, err
	}
	s.owner, s.bin = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, strings.TrimSpace(string(bin))
	if err := s.free(); err != nil {
		return s, err
	}
	for _, set := range []struct{ name, value string }{
		{"PATRONI_SUPERUSER_USERNAME", "postgres"}, {"PATRONI_REPLICATION_USERNAME", "replicator"}, {"PATRONI_RESTAPI_USERNAME", "patroni"},
		{"PATRONI_SUPERUSER_PASSWORD", sitePassword}, {"PATRONI_REPLICATION_PASSWORD", sitePassword}, {"PATRONI_RESTAPI_PASSWORD", sitePassword},
		{"YIWANG_PASSWORD", sitePassword}, {"PGPASSWORD", sitePassword},
		{"PATRONI_ETCD3_USE_PROXIES", "true"}, // or Patroni goes past the wire to the address that etcd gives
	} {
		if err := os.Setenv(set.name, set.value); err != nil {
			return s, err
		}
	}
	if err := errors.Join(s.folder("etc"), s.folder("etcd"), s.certify(), s.startEtcd()); err != nil {
		return s, err
	}
	for n := range servers {
		m := &member{site: s, n: n + 1}
		s.members = append(s.members, m)
		if err := errors.Join(m.prepare(), m.start()); err != nil {
			return s, err
		}
	}
	if err := s.whole(3 * time.Minute); err != nil {
		return s, err
	}
	return s, s.startProxy()
}

// versions says which programs the site is made of.
func (s *site) versions() string {
	var all []string
	for _, one := range []struct{ name, program, flag string }{
		{"Patroni", s.patroni, "--version"}, {"PostgreSQL", filepath.Join(s.bin, "postgres"), "--version"}, {"etcd", "etcd", "--version"}, {"nginx", "nginx", "-v"},
	} {
		out, _ := exec.CommandContext(s.ctx, one.program, one.flag).CombinedOutput() // what says nothing has no number
		all = append(all, one.name+" "+number.FindString(string(out)))
	}
	return strings.Join(all, ", ")
}

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)

// free refuses to begin where something else listens at an address that is needed.
func (s *site) free() error {
	for _, addr := range []string{s.node(0), s.node(1), s.proxy(), s.server(1) + ":5432", s.server(1) + ":8008", s.store()} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("needed by the trial: %w", err)
		}
		_ = l.Close() // it was only tried
	}
	return nil
}

// folder makes a directory that PostgreSQL's user owns.
func (s *site) folder(name string) error {
	dir := filepath.Join(s.dir, name)
	return errors.Join(os.Mkdir(dir, 0o755), os.Chown(dir, int(s.owner.Uid), int(s.owner.Gid)))
}

// certify makes the certificate of the proxy and of the servers.
func (s *site) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	s.roots = x509.NewCertPool()
	s.roots.AppendCertsFromPEM(public)
	for _, name := range []string{"server", "yiwang"} {
		crt, file := filepath.Join(s.dir, "etc", name+".crt"), filepath.Join(s.dir, "etc", name+".key")
		if err := errors.Join(os.WriteFile(crt, public, 0o644),
			os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
			os.Chown(file, int(s.owner.Uid), int(s.owner.Gid))); err != nil {
			return err
		}
	}
	return nil
}

// adapt copies a file of deploy/ with other addresses and directories in it. What is
// to be replaced has to be there, or the file and the trial have parted.
func adapt(from, to string, mode os.FileMode, replace ...string) error {
	raw, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(raw), replace[i]) {
			return fmt.Errorf("%s has no %q", from, replace[i])
		}
	}
	return os.WriteFile(to, []byte(strings.NewReplacer(replace...).Replace(string(raw))), mode)
}

func (s *site) startEtcd() (err error) {
	one := fmt.Sprintf("http://127.%d.1.21:", s.second)
	s.etcd, err = s.run("etcd", s.owner, "etcd", "--name", "one", "--data-dir", filepath.Join(s.dir, "etcd", "data"),
		"--listen-client-urls", one+"2379", "--advertise-client-urls", one+"2379",
		"--listen-peer-urls", one+"2380", "--initial-advertise-peer-urls", one+"2380", "--initial-cluster", "one="+one+"2380")
	return err
}

// withoutEtcd stops etcd, or kills it, for as long as something takes.
func (s *site) withoutEtcd(killed bool, meanwhile func()) error {
	if killed {
		s.etcd.kill()
		meanwhile()
		return s.startEtcd()
	}
	if err := s.etcd.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	meanwhile()
	return s.etcd.cmd.Process.Signal(syscall.SIGCONT)
}

func (s *site) startProxy() (err error) {
	site, all := filepath.Join(s.dir, "etc", "yiwang.conf"), filepath.Join(s.dir, "etc", "nginx.conf")
	if err := adapt("deploy/proxy/nginx.conf", site, 0o644, "10.0.0.11:8080", s.node(0), "10.0.0.12:8080", s.node(1),
		"listen 443 ", "listen "+s.proxy()+" ", "/etc/nginx/", filepath.Join(s.dir, "etc")+"/"); err != nil {
		return err
	}
	if err := os.WriteFile(all, fmt.Appendf(nil, `daemon off;
worker_processes 2;
pid %[1]s/nginx.pid;
error_log %[1]s/nginx.log;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path %[1]s/nginx-body;
    proxy_temp_path %[1]s/nginx-proxy;
    fastcgi_temp_path %[1]s/nginx-fastcgi;
    uwsgi_temp_path %[1]s/nginx-uwsgi;
    scgi_temp_path %[1]s/nginx-scgi;
    include %[2]s;
}
`, s.dir, site), 0o644); err != nil {
		return err
	}
	s.nginx, err = s.run("nginx", nil, "nginx", "-c", all, "-e", filepath.Join(s.dir, "nginx.log"))
	return err
}

// close ends what the site started, the members before the store that they agree by.
func (s *site) close() (err error) {
	for _, m := range s.members {
		if m.daemon != nil {
			m.thaw()
			m.alone(false)
			err = errors.Join(err, m.daemon.stop())
			m.kill() // what Patroni may have left running
			m.store.close()
			m.heard.close()
		}
	}
	for _, d := range []*daemon{s.nginx, s.etcd} {
		if d != nil {
			err = errors.Join(err, d.stop())
		}
	}
	return err
}

// daemon is a program that the site started.
type daemon struct {
	cmd  *exec.Cmd
	gone chan struct{}
}

// run starts a program as a user, with what it says in a file of its name.
func (s *site) run(name string, as *syscall.Credential, program string, args ...string) (*daemon, error) {
	log, err := os.OpenFile(filepath.Join(s.dir, name+".out"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the program has its own
	d := &daemon{cmd: exec.Command(program, args...), gone: make(chan struct{})}
	d.cmd.Dir, d.cmd.Stdout, d.cmd.Stderr = s.dir, log, log
	d.cmd.Env = append(os.Environ(), "HOME="+filepath.Join(s.dir, name))
	// Of a group of its own: what is typed at the terminal is for the trials, which end it.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = d.cmd.Wait() // it ends when it is told to
		close(d.gone)
	}()
	return d, nil
}

func (d *daemon) kill() {
	_ = d.cmd.Process.Kill() // it may have ended
	<-d.gone
}

// stop asks the program to end, and makes it after a while.
func (d *daemon) stop() error {
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-d.gone:
		return nil
	case <-time.After(patience):
		d.kill()
		return fmt.Errorf("%s did not end when asked", filepath.Base(d.cmd.Path))
	}
}
