package notice

import (
	"context"
	"encoding/json"
	"net/http"
	"unicode/utf8"

	"yiwang/internal/base/gm"
	"yiwang/internal/base/outward"
)

// Gateway is a Carrier that hands letters to a service by HTTP: a POST of the
// letter as JSON, signed, its id in the header. A gateway that has an id already
// answers as it did before, so that a letter whose answer was lost can be sent
// again without anybody being told twice.
type Gateway struct {
	Writer
	URL    string
	Suite  gm.Suite
	Secret []byte
	Client *http.Client
}

// mostReceipt bounds the receipt that is kept, in bytes.
const mostReceipt = 200

// Carry posts the letter. Its receipt is what the answer's member "receipt" says.
func (g *Gateway) Carry(ctx context.Context, l Letter) (string, error) {
	doc, err := g.write(ctx, l)
	if err != nil {
		return "", err
	}
	_, answer, err := outward.Post(ctx, g.Client, outward.Message{
		URL: g.URL, ID: l.ID, Type: "application/json", Body: doc, Suite: g.Suite, Secret: g.Secret, At: g.Now(),
	})
	if err != nil {
		return "", err
	}
	var said struct {
		Receipt string `json:"receipt"`
	}
	if json.Unmarshal(answer, &said) != nil || len(said.Receipt) > mostReceipt || !utf8.ValidString(said.Receipt) {
		return "", nil // it was taken; that it says nothing of use is no failure
	}
	return said.Receipt, nil
}
