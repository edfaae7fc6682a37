package topic

import (
	"context"
	"io"

	"yiwang/internal/work/dispatch"
	"yiwang/internal/work/intake"
)

// Judge is the machine that reads messages.
type Judge interface {
	Read(dispatch.Message) dispatch.Reading
}

// ReadingOf keeps of what the judge made of a message what grouping needs.
func ReadingOf(r dispatch.Reading) Reading {
	var out Reading
	for _, m := range r.Matters {
		out.Matters = append(out.Matters, Weighed{m.Label, m.P})
	}
	for _, p := range r.PlaceText {
		out.Places = append(out.Places, p.Text)
	}
	return out
}

// ReadFile reads the messages of a file (JSON Lines or CSV) with a judge. A row
// that is no message is left out and counted.
func ReadFile(r io.Reader, judge Judge) (messages []Message, bad int, err error) {
	err = intake.Rows(r, func(row intake.Row) bool {
		m := row.Message
		if row.Err != nil || m.Title == "" && m.Text == "" {
			bad++
			return true
		}
		messages = append(messages, Message{ID: m.ExternalID, At: m.WrittenAt, Title: m.Title, Text: m.Text, Person: m.Name,
			Up: m.Up, Down: m.Down, Channel: m.Channel})
		return true
	})
	parallel(context.Background(), len(messages), func(from, to int, _ func()) {
		for i := from; i < to; i++ {
			messages[i].Reading = ReadingOf(judge.Read(dispatch.Message{Title: messages[i].Title, Text: messages[i].Text}))
		}
	})
	return messages, bad, err
}
