package topic

import (
	"cmp"
	"context"
	"slices"
)

// Topic is an issue that messages have in common.
type Topic struct {
	Rank     int    `json:"rank"` // 1 is the hottest
	Title    string `json:"title"`
	Place    string `json:"place"`  // "" where its messages name none in common
	Matter   string `json:"matter"` // code of the likeliest matter, "" where unknown
	From, To int64  `json:"-"`      // UTC milliseconds of the first and the last message, 0 where no time is known
	Heat     Heat   `json:"heat"`
	Rows     []int  `json:"-"` // the messages, as numbers in what was grouped
}

// Options say how messages are made topics.
type Options struct {
	Now     int64             // heat is as of then, UTC milliseconds; 0 is the latest message
	Window  int64             // what counts as recent, in milliseconds; 0 is a year
	Matters map[string]string // names of matters by code, for topics whose messages share no phrase
}

const year = 365 * 24 * 3600 * 1000

// Find groups messages into topics, the hottest first. A message is in exactly
// one topic, often alone. It gives way to people as ctx says (base/pace).
func Find(ctx context.Context, messages []Message, o Options) []Topic {
	if o.Window == 0 {
		o.Window = year
	}
	for _, m := range messages {
		if o.Now == 0 || m.At > o.Now {
			o.Now = max(o.Now, m.At)
		}
	}
	groups := cluster(ctx, newSpace(ctx, messages))
	n := newNamer(ctx, messages, o.Matters)
	topics := make([]Topic, len(groups))
	parallel(ctx, len(groups), func(from, to int, rest func()) {
		for i := from; i < to; i++ {
			topics[i] = n.topic(groups[i], o)
			rest()
		}
	})
	slices.SortStableFunc(topics, func(a, b Topic) int { return cmp.Compare(b.Heat.Value, a.Heat.Value) })
	for i := range topics {
		topics[i].Rank = i + 1
	}
	return topics
}

func (n *namer) topic(rows []int32, o Options) Topic {
	var t Topic
	for _, r := range rows {
		t.Rows = append(t.Rows, int(r))
		if at := n.messages[r].At; at != 0 {
			if t.From == 0 || at < t.From {
				t.From = at
			}
			t.To = max(t.To, at)
		}
	}
	t.Matter = n.matter(rows)
	t.Place = n.place(rows)
	t.Title = n.title(rows, t.Place, t.Matter)
	t.Heat = heatOf(n.messages, rows, o)
	return t
}
