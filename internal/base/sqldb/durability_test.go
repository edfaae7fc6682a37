package sqldb_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yiwang/internal/base/sqldb"
)

// childEnv holds the database of a child that writes until it is killed.
const childEnv = "YIWANG_SQLDB_WRITE_UNTIL_KILLED"

// A program killed in the middle of its group commits has kept every write that
// it acknowledged, once, and no half of any other.
func TestKilled(t *testing.T) {
	if url := os.Getenv(childEnv); url != "" {
		writeUntilKilled(t, url)
	}
	file := filepath.Join(t.TempDir(), "killed.db")
	url := "sqlite:" + file
	db := openURL(t, url)
	if err := db.Migrate(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for round := range 5 {
		acknowledged = append(acknowledged, killedRound(t, url, round)...)
	}
	db = openURL(t, url)
	if s := get[string](t, db, "pragma integrity_check"); s != "ok" {
		t.Error(s)
	}
	have := map[string]int{}
	for _, id := range strings.Fields(ids(t, db)) {
		have[id]++
	}
	for _, id := range acknowledged {
		if have[id+"-1"] != 1 || have[id+"-2"] != 1 {
			t.Errorf("acknowledged write %s is there %d and %d times", id, have[id+"-1"], have[id+"-2"])
		}
	}
	for id, n := range have {
		whole, _, _ := strings.Cut(id, "-")
		if n != 1 || have[whole+"-1"] != have[whole+"-2"] {
			t.Errorf("write %s is there %d times, its halves %d and %d", id, n, have[whole+"-1"], have[whole+"-2"])
		}
	}
	if len(acknowledged) == 0 {
		t.Error("nothing was acknowledged, so nothing was tested")
	}
	t.Logf("%d acknowledged, %d there", len(acknowledged), len(have)/2)
}

// killedRound runs a child, kills it while it writes, and returns what it had
// acknowledged.
func killedRound(t *testing.T, url string, round int) (acknowledged []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), childEnv+"="+url, fmt.Sprintf("ROUND=%d", round))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if len(acknowledged) == 0 {
			time.AfterFunc(time.Duration(20+rand.IntN(80))*time.Millisecond, func() { _ = child.Process.Kill() })
		}
		id, ok := strings.CutPrefix(lines.Text(), "done ")
		if ok && strings.HasSuffix(id, ".") { // a whole line: the kill may cut the last
			acknowledged = append(acknowledged, strings.TrimSuffix(id, "."))
		}
	}
	_ = child.Wait() // killed, as it should be
	return acknowledged
}

func writeUntilKilled(t *testing.T, url string) {
	db, err := sqldb.Open(t.Context(), sqldb.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	var out sync.Mutex
	var wg sync.WaitGroup
	for writer := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%s_%d_%d", os.Getenv("ROUND"), writer, i)
				write(t, db, func(tx *sqldb.Tx) error {
					if err := insert(t, id+"-1")(tx); err != nil {
						return err
					}
					return insert(t, id+"-2")(tx)
				})
				out.Lock()
				fmt.Printf("done %s.\n", id)
				out.Unlock()
			}
		})
	}
	wg.Wait()
}
