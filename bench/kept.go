package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
)

// kept asks for an appeal again by its own id: it must be there already.
func (h *house) kept(file func(worker, turn int) (*http.Request, error), worker, turn int) error {
	req, err := file(worker, turn)
	if err != nil {
		return err
	}
	raw, err := answer(h.client, req)
	if err != nil {
		return err
	}
	var filed struct {
		Number  string
		Already bool
	}
	if err := json.Unmarshal(raw, &filed); err != nil {
		return err
	}
	if !filed.Already {
		return fmt.Errorf("an appeal that was accepted was not there: it is now %s", filed.Number)
	}
	return nil
}

// verify checks the log that a house has left.
func (p *plan) verify(ctx context.Context, at place) error {
	raw, err := exec.CommandContext(ctx, p.bin, at.args("verify", "--json")...).Output()
	if err != nil {
		return fmt.Errorf("verify: %w: %s", err, raw)
	}
	var v struct {
		OK      bool
		Actions int64
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if !v.OK {
		return fmt.Errorf("verify: %s", raw)
	}
	fmt.Printf("verify: %d actions, all right\n", v.Actions)
	return nil
}
