import { describe, expect, it } from 'vitest';
import { place } from './words';

describe('place', () => {
  it('counts characters, not UTF-16 units', () => {
    expect(place('𠮷野家已收悉', { text: '已收悉', from: 3, to: 6 })).toEqual([4, 7]);
  });
  it('looks again where the text was changed', () => {
    expect(place('您好，留言已收悉', { text: '已收悉', from: 0, to: 3 })).toEqual([5, 8]);
    expect(place('您好', { text: '已收悉', from: 0, to: 3 })).toBeUndefined();
  });
});
