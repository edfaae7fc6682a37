// Package webhook tells other systems what happens to cases, as CloudEvents. A
// subscription belongs to a machine key and is told of the cases that this key sees,
// from the log and in the order of each case, at least once: an event that is not
// taken is tried again, for a day, and then kept for somebody to send again. Each
// subscription has its own cursor, its own queue and its own pace, so that a
// receiver which hangs costs nobody else anything.
//
// https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
package webhook
