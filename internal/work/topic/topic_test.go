package topic_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"yiwang/internal/work/topic"
)

// told makes n messages of one event at one place in different words.
func told(r *rand.Rand, n int, place, matter string, troubles ...string) []topic.Message {
	openings := []string{"反映", "投诉", "请求解决", "再次反映", "请管一管", ""}
	endings := []string{"，影响休息", "，居民苦不堪言", "，请尽快处理", "，何时能解决", "，老人小孩受不了", ""}
	var out []topic.Message
	for range n {
		trouble := troubles[r.IntN(len(troubles))]
		title := openings[r.IntN(len(openings))] + place + trouble
		out = append(out, topic.Message{
			ID: fmt.Sprint(r.Uint32()), At: 1_700_000_000_000 + r.Int64N(30*24*3600*1000), Person: fmt.Sprint(r.Uint32()), Title: title,
			Text:    "我们住在" + place + "，" + trouble + endings[r.IntN(len(endings))] + "。",
			Reading: topic.Reading{Matters: []topic.Weighed{{Code: matter, P: 0.8}}, Places: []string{place}},
		})
	}
	return out
}

// The hard cases: two troubles at one place, one trouble at two places.
func city(r *rand.Rand) (all []topic.Message, event []int) {
	for i, e := range [][]topic.Message{
		told(r, 20, "翠竹苑", "040201", "旁边工地夜间施工噪音大", "门口工地半夜施工太吵", "工地凌晨施工噪音扰民"),
		told(r, 12, "翠竹苑", "070901", "电梯经常坏", "三号楼电梯故障没人修", "电梯困人"),
		told(r, 15, "红荔路", "040201", "地铁站连夜打桩，吵得睡不着", "地铁打桩机彻夜轰鸣"),
		told(r, 9, "明珠幼儿园", "010203", "乱收费", "多收学费还不退", "收费不透明"),
	} {
		all = append(all, e...)
		for range e {
			event = append(event, i)
		}
	}
	return all, event
}

func TestFind(t *testing.T) {
	for seed := range uint64(5) {
		all, event := city(rand.New(rand.NewPCG(seed, 1)))
		topics := topic.Find(t.Context(), all, topic.Options{})
		for want := range 4 {
			// The event's largest topic holds nearly all of it and nothing else.
			best, size := 0, 0
			for _, tp := range topics {
				n := 0
				for _, i := range tp.Rows {
					if event[i] == want {
						n++
					}
				}
				if n > best {
					best, size = n, len(tp.Rows)
				}
			}
			whole := 0
			for _, e := range event {
				if e == want {
					whole++
				}
			}
			if best*10 < whole*8 || best != size {
				t.Errorf("seed %d: event %d of %d messages: largest topic holds %d of it among %d", seed, want, whole, best, size)
			}
		}
	}
}

func TestNames(t *testing.T) {
	all, _ := city(rand.New(rand.NewPCG(1, 1)))
	topics := topic.Find(t.Context(), all, topic.Options{})
	if got := topics[0]; !strings.HasPrefix(got.Place, "翠竹苑") || !strings.Contains(got.Title, "施工") {
		t.Errorf("hottest is %q at %q, want building work at 翠竹苑", got.Title, got.Place)
	}
	for _, m := range all {
		if m.Title == topics[0].Title {
			t.Errorf("the name %q is somebody's sentence", m.Title)
		}
	}
}

// Whatever comes in, each message is in exactly one topic, in a stable order.
func TestPartition(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20 {
		all, _ := city(r)
		for range r.IntN(30) {
			all = append(all, topic.Message{ID: fmt.Sprint(r.Uint32()), Text: string([]rune("啊吧。 a1")[:r.IntN(7)])})
		}
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		topics := topic.Find(t.Context(), all, topic.Options{})
		seen := make([]int, len(all))
		for i, tp := range topics {
			if tp.Rank != i+1 || i > 0 && tp.Heat.Value > topics[i-1].Heat.Value {
				t.Fatalf("topic %d has rank %d and heat %v", i, tp.Rank, tp.Heat.Value)
			}
			for _, row := range tp.Rows {
				seen[row]++
			}
		}
		for i, n := range seen {
			if n != 1 {
				t.Fatalf("message %d is in %d topics", i, n)
			}
		}
		if again := topic.Find(t.Context(), all, topic.Options{}); fmt.Sprint(again) != fmt.Sprint(topics) {
			t.Fatal("the same messages made other topics")
		}
	}
}

// Supporters count, but a thousand who agree with one person weigh less than
// the same number who stand behind seven.
func TestHeat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	many := told(r, 7, "翠竹苑", "040201", "旁边工地夜间施工噪音大")
	one := told(r, 1, "明珠幼儿园", "010203", "乱收费")
	many[0].Up, one[0].Up = 1000, 1000
	topics := topic.Find(t.Context(), append(many, one...), topic.Options{})
	if topics[0].Heat.People != 7 || topics[1].Heat.Supporters != 1000 {
		t.Errorf("hottest has %d people, the second %d supporters", topics[0].Heat.People, topics[1].Heat.Supporters)
	}
	if topics[0].Heat.Value < 2*topics[1].Heat.Value {
		t.Errorf("heat %v and %v: seven voices with a thousand behind them are not twice one", topics[0].Heat.Value, topics[1].Heat.Value)
	}
}

func TestSpeed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var all []topic.Message
	for len(all) < 4300 {
		a, _ := city(r)
		all = append(all, a...)
	}
	began := time.Now()
	topic.Find(t.Context(), all, topic.Options{})
	if d := time.Since(began); d > 20*time.Second {
		t.Errorf("%d messages took %v", len(all), d)
	}
}
