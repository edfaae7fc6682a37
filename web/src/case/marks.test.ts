import { expect, it } from 'vitest';
import { marks } from './marks';

const brief = (text: string, words: { text: string; from: number; to: number; weight: number }[], place?: string) =>
  marks(text, words, place).map((p) => `${p.kind[0]}:${p.text}`);

it('underlines the words that weighed, where they stand', () => {
  expect(brief('楼下工地夜里施工', [{ text: '工地', from: 2, to: 4, weight: 1 }, { text: '施工', from: 6, to: 8, weight: 0.5 }]))
    .toEqual(['p:楼下', 'w:工地', 'p:夜里', 'w:施工']);
});

it('finds a word again that masking has moved', () => {
  expect(brief('王**反映工地噪声', [{ text: '噪声', from: 9, to: 11, weight: 1 }])).toEqual(['p:王**反映工地', 'w:噪声']);
});

it('leaves out a word that is gone', () => {
  expect(brief('已打码', [{ text: '噪声', from: 0, to: 2, weight: 1 }])).toEqual(['p:已打码']);
});

it('marks the place, and lets a weighing word win over it', () => {
  expect(brief('香蜜湖公园路灯坏了', [{ text: '公园', from: 3, to: 5, weight: 1 }], '香蜜湖公园'))
    .toEqual(['p:香蜜湖', 'w:公园', 'p:路灯坏了']);
  expect(marks('香蜜湖公园路灯坏了', [], '香蜜湖公园')[0]).toEqual({ kind: 'place', text: '香蜜湖公园', from: 0 });
});

it('counts characters beyond the basic plane as one', () => {
  expect(brief('𠮷祥路积水', [{ text: '积水', from: 3, to: 5, weight: 1 }])).toEqual(['p:𠮷祥路', 'w:积水']);
});
