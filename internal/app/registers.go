package app

import (
	"context"
	"slices"
	"strings"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/register"
)

// openRegisters opens the registers, and gives them the subjects that the pack brings
// with it where they have none of them yet.
func (a *App) openRegisters(ctx context.Context) error {
	key, err := openKey(ctx, a.DB, a.keys.master, factSetting)
	if err != nil {
		return err
	}
	if a.Registers, err = register.Open(ctx, a.DB, a.City.Registers, key); err != nil {
		return err
	}
	for _, g := range a.City.Registers.Given() {
		sub := register.Subject{Register: g.Register, ID: g.ID}
		if there, err := a.Registers.Has(ctx, sub); err != nil || there {
			if err != nil {
				return err
			}
			continue
		}
		var facts []register.Fact
		for item, value := range g.Facts {
			facts = append(facts, register.Fact{Item: item, Value: value, From: g.From})
		}
		slices.SortFunc(facts, func(x, y register.Fact) int { return strings.Compare(x.Item, y.Item) })
		if err := a.Registers.Put(ctx, g.Source, sub, facts...); err != nil && !errs.Is(err, errs.Exists) {
			return err
		}
	}
	return nil
}
