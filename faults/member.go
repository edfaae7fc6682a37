package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// member is one PostgreSQL server with the Patroni that runs it.
type member struct {
	site   *site
	n      int // from 1, as in its name pg1
	daemon *daemon
	frozen []int // processes that are stopped for a time
	apart  bool  // its Patroni is cut off from the others
	store  *wire // its way to etcd
	heard  *wire // the others' way to its Patroni
}

func (m *member) name() string { return "pg" + strconv.Itoa(m.n) }
func (m *member) file(name ...string) string {
	return filepath.Join(append([]string{m.site.dir, m.name()}, name...)...)
}

// prepare makes the member's directory and its copy of deploy/patroni.
func (m *member) prepare() error {
	s, etc := m.site, filepath.Join(m.site.dir, "etc")
	if err := s.folder(m.name()); err != nil {
		return err
	}
	if err := adapt("deploy/patroni/first", filepath.Join(etc, "first"), 0o755); err != nil {
		return err
	}
	var err error
	if m.store, err = newWire(); err != nil {
		return err
	}
	if m.heard, err = newWire(); err != nil {
		return err
	}
	m.alone(false)
	any := "127.0.0.0/8" // whoever comes over loopback comes from 127.0.0.1
	return adapt("deploy/patroni/patroni.yml", filepath.Join(etc, m.name()+".yml"), 0o644,
		"name: pg1", "name: "+m.name(), "connect_address: 10.0.1.11:8008", "connect_address: "+m.heard.addr(), "connect_address: 10.0.1.11", "connect_address: "+s.server(m.n), "listen: 0.0.0.0", "listen: "+s.server(m.n),
		"10.0.1.0/24", any, "10.0.0.0/24", any, "10.0.1.21:2379, 10.0.1.22:2379, 10.0.1.23:2379", m.store.addr(),
		"/usr/lib/postgresql/15/bin", s.bin, "/etc/patroni", etc, "/var/lib/postgresql/yiwang", m.file("data"), "/var/run/postgresql", m.file())
}

// alone cuts the member's Patroni off from etcd and from the others' Patronis, or joins
// it to them again.
func (m *member) alone(cut bool) {
	s := m.site
	if m.apart = cut; !cut {
		m.store.aim(s.store())
		for _, other := range s.members {
			other.heard.aim(s.server(other.n) + ":8008")
		}
		return
	}
	m.store.aim()
	m.store.cut()
	for _, other := range s.members {
		// Who calls cannot be told on loopback, so that the others do not hear each other either.
		if other != m {
			other.heard.aim()
			other.heard.cut()
		}
	}
}

func (m *member) start() (err error) {
	m.daemon, err = m.site.run(m.name(), m.site.owner, m.site.patroni, filepath.Join(m.site.dir, "etc", m.name()+".yml"))
	return err
}

// postmaster returns the first process of the server, 0 where none runs.
func (m *member) postmaster() int {
	raw, err := os.ReadFile(m.file("data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	// The file outlives a process that was killed, and the number may be another's by now.
	if at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || at != m.file("data") {
		return 0
	}
	return pid
}

// kill ends Patroni and the server's first process without a word; the server's
// others end by it.
func (m *member) kill() {
	pid := m.postmaster()
	m.daemon.kill()
	if pid > 0 {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
}

// freeze stops Patroni and every process of the server, as a machine does that hangs:
// its connections stay open and nobody answers.
func (m *member) freeze() error {
	m.frozen = []int{m.daemon.cmd.Process.Pid}
	if pid := m.postmaster(); pid > 0 {
		m.frozen = append(m.frozen, pid)
		m.frozen = append(m.frozen, children(pid)...)
	}
	var err error
	for _, pid := range m.frozen {
		if e := syscall.Kill(pid, syscall.SIGSTOP); e != nil && !errors.Is(e, syscall.ESRCH) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// thaw lets what was frozen go on.
func (m *member) thaw() {
	for _, pid := range m.frozen {
		_ = syscall.Kill(pid, syscall.SIGCONT) // it may have ended
	}
	m.frozen = nil
}

// children returns the processes that a process started.
func children(of int) (all []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// pid (name) state parent …, where the name may hold anything.
		fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil && len(fields) > 1 && fields[1] == strconv.Itoa(of) {
			all = append(all, pid)
		}
	}
	return all
}

// standing is what Patroni says of a member.
type standing struct {
	Name, Role, State string
	Lag               any // bytes behind, or "unknown"
}

// ask returns what a member of those that answer says of all.
func (s *site) ask() (all []standing) {
	client := http.Client{Timeout: 3 * time.Second}
	for _, m := range s.members {
		if m.frozen != nil || m.apart {
			continue
		}
		resp, err := client.Get("http://" + s.server(m.n) + ":8008/cluster")
		if err != nil {
			continue
		}
		var cluster struct{ Members []standing }
		err = json.NewDecoder(resp.Body).Decode(&cluster)
		_ = resp.Body.Close() // read to its end
		if err == nil {
			return cluster.Members
		}
	}
	return nil
}

// as returns the member with a role, nil where none has it.
func (s *site) as(role string) *member {
	for _, one := range s.ask() {
		if one.Role != role || one.State != "running" && one.State != "streaming" {
			continue
		}
		for _, m := range s.members {
			if m.name() == one.Name {
				return m
			}
		}
	}
	return nil
}

// replaced waits until another leads in the place of a member.
func (s *site) replaced(was *member, most time.Duration) error {
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if m := s.as("leader"); m != nil && m != was {
			return nil
		}
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
	}
	return fmt.Errorf("after %v nobody leads in the place of %s: %+v", most, was.name(), s.ask())
}

// whole waits until there are a leader and two standbys that follow it, one of them
// waited for by commits: before that, a further loss is one too many.
func (s *site) whole(most time.Duration) error {
	var all []standing
	for end := time.Now().Add(most); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		all = s.ask()
		if isWhole(all) {
			return nil
		}
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		for _, m := range s.members {
			select {
			case <-m.daemon.gone:
				return fmt.Errorf("the Patroni of %s ended; see %s.out (-keep keeps it)", m.name(), m.name())
			default:
			}
		}
	}
	return fmt.Errorf("after %v the servers are not in order: %+v", most, all)
}

func isWhole(all []standing) bool {
	roles := map[string]int{}
	for _, m := range all {
		if m.Role != "leader" {
			if lag, ok := m.Lag.(float64); !ok || lag > 1<<20 {
				return false
			}
		}
		if m.State == "running" || m.State == "streaming" {
			roles[m.Role]++
		}
	}
	return roles["leader"] == 1 && roles["sync_standby"] == 1 && roles["replica"] == servers-2
}

// switchover asks Patroni to hand the lead to the standby that commits wait for.
func (s *site) switchover() error {
	leader, next := s.as("leader"), s.as("sync_standby")
	if leader == nil || next == nil {
		return errors.New("there is no leader, or nobody to follow it")
	}
	body := fmt.Sprintf(`{"leader": %q, "candidate": %q}`, leader.name(), next.name())
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, "http://"+s.server(leader.n)+":8008/switchover", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth("patroni", sitePassword)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // read to its end
	said, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("switchover: %s: %s", resp.Status, said)
	}
	return err
}
