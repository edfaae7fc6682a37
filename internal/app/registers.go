package app

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"yiwang/internal/base/errs"
	"yiwang/internal/core/city"
	"yiwang/internal/core/place"
	"yiwang/internal/core/register"
	"yiwang/internal/work/population"
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

// LoadRegisters loads a directory of files into the registers of a data directory that
// no server runs on. Errors: those of Open and population.Load.
func LoadRegisters(ctx context.Context, cfg Config, dir string, o population.Options) (rep population.Report, err error) {
	a, err := Open(ctx, cfg)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return population.Load(ctx, a.Registers, dir, o)
}

// RegistersOf returns the registers that a pack declares, "" for the demo city. Error:
// *BadPack.
func RegistersOf(pack string) (*register.Book, error) {
	c, err := cityOf(pack)
	if err != nil {
		return nil, err
	}
	return c.Registers, nil
}

// Communities returns the communities of a pack with the people who live in them.
func Communities(pack string) ([]population.Area, error) {
	c, err := cityOf(pack)
	if err != nil {
		return nil, err
	}
	var out []population.Area
	for _, a := range c.Places.Level(place.Community) {
		out = append(out, population.Area{Code: a.Code, Name: a.Name, Residents: a.Residents})
	}
	return out, nil
}

func cityOf(pack string) (*city.City, error) {
	a := &App{Config: Config{City: pack}}
	err := a.loadCity()
	return a.City, err
}

// DemoPlan is the population that a demo city begins with, always the same.
func DemoPlan(on time.Time) (population.Plan, error) {
	areas, err := Communities("")
	return population.Plan{People: 3000, Seed: 440304, On: on, Areas: areas, Doubles: .1, Noise: population.Usual}, err
}

// populate gives a demo city some people at its first start.
func (a *App) populate(ctx context.Context) (err error) {
	there, err := a.Registers.Loaded(ctx, "person")
	if err != nil || there || !a.Demo {
		return err
	}
	dir, err := os.MkdirTemp(a.Data, "population-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	plan, err := DemoPlan(a.Now())
	if err != nil {
		return err
	}
	if _, err := population.Generate(plan, dir, nil); err != nil {
		return err
	}
	_, err = population.Load(ctx, a.Registers, dir, population.Options{})
	return err
}
