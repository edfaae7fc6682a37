package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"yiwang/internal/app"
	"yiwang/internal/base/errs"
	"yiwang/internal/base/text"
)

// Main runs the command that args name and returns the exit status: 0 done, 1
// failed or found fault, 2 called wrongly.
func Main(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var found *foundFault
	if errors.As(err, &found) {
		return 1
	}
	fmt.Fprintln(errOut, "yiwang:", explain(err))
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

// foundFault says that a command did its work and what it looked at is not in
// order; it has said so itself.
type foundFault struct{}

func (*foundFault) Error() string { return "fault found" }

var errUsage = errors.New("usage")

// explain returns what a person at a terminal needs: the safe sentence, and the
// cause behind it, which is theirs to see here.
func explain(err error) string {
	var pack *app.BadPack
	if errors.As(err, &pack) {
		return "the city pack is not in order:\n" + pack.Error()
	}
	if e, ok := errors.AsType[*errs.Error](err); ok && text.Has(text.English, e.Key) {
		s := text.Say(text.English, e.Key, e.Args)
		if e.Err != nil {
			s += " (" + e.Err.Error() + ")"
		}
		return s
	}
	return err.Error()
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "yiwang",
		Short:         "Run a city district's public business (一网)",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errors.Join(errUsage, err) })
	root.AddCommand(newServeCommand(), newImportCommand(), newExchangeCommand(), newVerifyCommand(), newVerifyVoucherCommand(), newLedgerCommand(), newCheckCommand(), newRuleCommand(), newServicesCommand(), newDispatchCommand(), newAnswerCommand(), newTopicsCommand(), newRepeatsCommand(), newKeysCommand(), newEraseCommand(), newRehearseCommand(), newRegisterCommand())
	root.AddCommand(newBackupCommand(), newMoveCommand())
	return root
}

// where are the flags of every command that opens a data directory.
type where struct{ data, db, city string }

func (w *where) flags(c *cobra.Command) {
	c.Flags().StringVar(&w.data, "data", "", "data directory (made if it is not there)")
	c.Flags().StringVar(&w.db, "db", "", "postgres://… (default: a SQLite file in the data directory)")
	c.Flags().StringVar(&w.city, "city", "", "city pack directory (default: the one this data directory began with, at first the demo)")
	// The flag exists; it was defined three lines above.
	_ = c.MarkFlagRequired("data")
}

func (w *where) config() app.Config { return app.Config{Data: w.data, DB: w.db, City: w.city} }
