package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"yiwang/internal/work/exchange"
)

// Cases that were handed from one house to another and back are each there once.
func TestExchangeThereAndBack(t *testing.T) {
	engines(t, func(t *testing.T, _ string, flags []string) {
		above := []string{"--data", t.TempDir()}
		var brought tally
		run(t, &brought, with(above, "import", messages(t, 40), "--channel", "wenzheng")...)
		down, up := filepath.Join(t.TempDir(), "down.jsonl"), filepath.Join(t.TempDir(), "up.jsonl")
		var out struct {
			Cases int
			File  string
		}
		var first, again, back exchange.Tally
		run(t, &out, with(above, "exchange", "export", down, "--channel", "wenzheng")...)
		run(t, &first, with(flags, "exchange", "import", down, "--channel", "hotline-city")...)
		run(t, &again, with(flags, "exchange", "import", down, "--channel", "hotline-city")...)
		run(t, &out, with(flags, "exchange", "export", up, "--channel", "hotline-city")...)
		run(t, &back, with(above, "exchange", "import", up, "--channel", "wenzheng")...)
		if first.Created != brought.Created || again.Created != 0 || again.Already != first.Created || again.Entries != 0 || out.Cases != first.Created ||
			back.Returned != first.Created || back.Created != 0 {
			t.Errorf("%d cases: first %+v, again %+v, back %+v", brought.Created, first, again, back)
		}
		var v verdict
		if status := run(t, &v, with(flags, "verify")...); status != 0 || !v.OK || v.Cases != int64(first.Created) {
			t.Errorf("verify: status %d, %+v", status, v)
		}
		whole, err := os.ReadFile(down)
		if err != nil {
			t.Fatal(err)
		}
		var refused exchange.Tally
		cut := write(t, "cut.jsonl", bytes.TrimRight(whole[:len(whole)-80], "\n"))
		if status := run(t, &refused, with(flags, "exchange", "import", cut, "--channel", "hotline-city")...); status != 1 || len(refused.Refused) != 1 || refused.Refused[0].Line == 0 {
			t.Errorf("a file that was cut off: status %d, %+v", status, refused)
		}
	})
}
