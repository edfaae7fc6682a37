import { BarChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use as useParts } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { t } from '../text';
import type { Shade } from './layers';

useParts([BarChart, GridComponent, TooltipComponent, SVGRenderer]);

const ink: Record<Shade, { bar: string; text: string; line: string }> = {
  light: { bar: '#1f4e8c', text: '#5e5a54', line: '#d6d1c9' },
  dark: { bar: '#79b4e8', text: '#b5c0cd', line: '#36424f' },
};

/** Received by the hour of today. */
export default function Hourly({ hours, shade }: { hours: number[]; shade: Shade }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!box.current) return;
    const chart = init(box.current, null, { renderer: 'svg' });
    const c = ink[shade];
    chart.setOption({
      animation: false,
      grid: { left: 0, right: 0, top: 8, bottom: 18 },
      tooltip: { trigger: 'axis', formatter: (p: { name: string; value: number }[]) => t('screen.hour', { hour: p[0]?.name ?? '', n: p[0]?.value ?? 0 }) },
      xAxis: {
        type: 'category', data: hours.map((_, i) => String(i)), axisTick: { show: false }, axisLine: { lineStyle: { color: c.line } },
        axisLabel: { color: c.text, fontSize: 12, interval: 5 },
      },
      yAxis: { show: false },
      series: [{ type: 'bar', data: hours, itemStyle: { color: c.bar }, barCategoryGap: '25%' }],
    });
    const fit = new ResizeObserver(() => chart.resize());
    fit.observe(box.current);
    return () => {
      fit.disconnect();
      chart.dispose();
    };
  }, [hours, shade]);
  return <div ref={box} className="hourly" role="img" aria-label={t('screen.hourly', { n: hours.reduce((a, b) => a + b, 0) })} />;
}
