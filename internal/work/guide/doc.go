// Package guide makes of the declared service items what people and offices need of
// them as a whole: finding one by how people ask, the figures of the catalogue (即办率,
// 时限压缩率, 跑动次数 …), and bringing in lists of items from elsewhere. It keeps
// nothing: all of it follows from the pack and the day.
package guide
