// Package guide makes of the declared service items what people and offices need of
// them as a whole: finding one by how people ask, the figures of the catalogue (即办率,
// 时限压缩率, 跑动次数 …) with the items behind them, where items contradict each other,
// and bringing in lists of items from elsewhere. All of it follows from the pack and the
// day; what it keeps is which versions of an item were loaded when.
package guide
