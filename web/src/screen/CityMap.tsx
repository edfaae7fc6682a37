import { type GeoJSONSource, Map as GlMap, type MapLayerMouseEvent, Marker, NavigationControl, Popup, setWorkerUrl } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { AreaFigure, LivePoint } from '../api/types';
import { t } from '../text';
import { now } from '../api/client';
import { bounds, middle, type Outlines } from './geo';
import { fill, lateSign, type Shade, style } from './layers';

setWorkerUrl(workerUrl);

interface Props {
  shade: Shade;
  areas: Outlines;
  streets: Outlines;
  figures: AreaFigure[];
  at: number[];
  points: LivePoint[];
  onArea: (code: string) => void;
  onPoint: (id: string) => void;
  onFail: () => void;
}

/** How long a point stays on the map, unless its case is late. */
const life = 30 * 60_000;

/** The city: areas shaded by their figure, live cases as points that fade, late ones that stay. */
export default function CityMap(p: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<GlMap>();
  const fail = useEffectEvent(p.onFail);
  useEffect(() => {
    if (!box.current) return;
    let m: GlMap;
    try {
      m = new GlMap({
        container: box.current, style: style(p.shade, []), attributionControl: false, dragRotate: false, pitchWithRotate: false,
        maxZoom: 17, minZoom: 8,
        // On a phone one finger scrolls the page; the map takes two.
        cooperativeGestures: innerWidth <= 900,
        locale: {
          'NavigationControl.ZoomIn': t('screen.zoom_in'), 'NavigationControl.ZoomOut': t('screen.zoom_out'), 'Map.Title': t('screen.map'),
          'CooperativeGesturesHandler.MobileHelpText': t('screen.two_fingers'), 'CooperativeGesturesHandler.WindowsHelpText': t('screen.ctrl_scroll'), 'CooperativeGesturesHandler.MacHelpText': t('screen.ctrl_scroll'),
        },
      });
    } catch {
      // Without WebGL there is the table.
      fail();
      return;
    }
    m.touchZoomRotate.disableRotation();
    m.addControl(new NavigationControl({ showCompass: false }), 'bottom-right');
    m.on('load', () => {
      m.addImage('late', lateSign(p.shade));
      setMap(m);
    });
    return () => {
      setMap(undefined);
      m.remove();
    };
  }, [p.shade]);
  useAreas(map, p);
  usePoints(map, p.points);
  useHands(map, p);
  return <div ref={box} className="city-map" role="region" aria-label={t('screen.map')} />;
}

function useAreas(map: GlMap | undefined, { areas, streets, figures, at, shade }: Props) {
  const fitted = useRef(false);
  useEffect(() => {
    if (!map) return;
    map.getSource<GeoJSONSource>('areas')?.setData(areas);
  }, [map, areas]);
  useEffect(() => {
    if (!map) return;
    map.getSource<GeoJSONSource>('streets')?.setData(streets);
    const b = bounds(streets);
    if (b) map.fitBounds(b, { padding: pad(), duration: 0, animate: !fitted.current });
    fitted.current = true;
    const names = streets.features.flatMap((f) => {
      const where = middle(f);
      if (!where) return [];
      const el = document.createElement('span');
      el.className = 'street-name';
      el.textContent = f.properties.name.replace(/街道(办事处)?$/, '');
      return [new Marker({ element: el }).setLngLat(where).addTo(map)];
    });
    return () => names.forEach((n) => n.remove());
  }, [map, streets]);
  useEffect(() => {
    if (!map) return;
    map.setPaintProperty('areas', 'fill-color', fill(shade, at));
    map.removeFeatureState({ source: 'areas' });
    for (const f of figures) map.setFeatureState({ source: 'areas', id: f.code }, { value: f.per_thousand });
  }, [map, figures, at, shade, areas]);
}

// The panels lie over the map on a desk, and beside it on a phone: the city is
// fitted into what they leave free.
function pad() {
  if (innerWidth <= 900) return 16;
  const edge = (panel: string) => document.querySelector(`.screen-${panel}`)?.getBoundingClientRect();
  const below = edge('below')?.top ?? innerHeight;
  return {
    left: (edge('left')?.right ?? 0) + 16, right: innerWidth - (edge('right')?.left ?? innerWidth) + 16,
    top: 24, bottom: innerHeight - below + 84,
  };
}

function usePoints(map: GlMap | undefined, points: LivePoint[]) {
  useEffect(() => {
    if (!map) return;
    const draw = () => {
      const at = now();
      map.getSource<GeoJSONSource>('points')?.setData({
        type: 'FeatureCollection',
        features: points.filter((x) => x.lng && x.lat && (x.late || at - x.filed_at < life)).map((x) => ({
          type: 'Feature',
          properties: { id: x.id, title: x.title, late: x.late, fresh: Math.max(0.15, 1 - (at - x.filed_at) / life) },
          geometry: { type: 'Point', coordinates: [x.lng, x.lat] },
        })),
      });
    };
    draw();
    const timer = setInterval(draw, 20_000);
    return () => clearInterval(timer);
  }, [map, points]);
}

function useHands(map: GlMap | undefined, p: Props) {
  const area = useEffectEvent(p.onArea);
  const point = useEffectEvent(p.onPoint);
  const words = useEffectEvent((code: string, name: string) => {
    const f = p.figures.find((x) => x.code === code);
    return `${name}\n${t('screen.area_words', { open: f?.open ?? 0, late: f?.late ?? 0, rate: (f?.per_thousand ?? 0).toFixed(2) })}`;
  });
  useEffect(() => {
    if (!map) return;
    const popup = new Popup({ closeButton: false, closeOnClick: false, offset: 10, className: 'map-words' });
    let looked: string | undefined;
    const look = (code: string | undefined) => {
      if (looked) map.setFeatureState({ source: 'areas', id: looked }, { looked: false });
      looked = code;
      if (code) map.setFeatureState({ source: 'areas', id: code }, { looked: true });
    };
    const over = (e: MapLayerMouseEvent) => {
      const f = e.features?.[0];
      if (!f) return;
      map.getCanvas().style.cursor = 'pointer';
      if (f.layer.id === 'areas') {
        if (map.queryRenderedFeatures(e.point, { layers: ['recent', 'late'] }).length) return;
        look(String(f.properties.code));
        popup.setText(words(String(f.properties.code), String(f.properties.name ?? f.properties.code)));
      } else popup.setText(String(f.properties.title));
      popup.setLngLat(e.lngLat).addTo(map);
    };
    const out = () => {
      look(undefined);
      popup.remove();
      map.getCanvas().style.cursor = '';
    };
    const click = (e: { point: { x: number; y: number } }) => {
      const hit = map.queryRenderedFeatures([e.point.x, e.point.y], { layers: ['late', 'recent', 'areas'] })[0];
      if (!hit) return;
      if (hit.layer.id === 'areas') area(String(hit.properties.code));
      else point(String(hit.properties.id));
    };
    for (const l of ['areas', 'recent', 'late']) {
      map.on('mousemove', l, over);
      map.on('mouseleave', l, out);
    }
    map.on('click', click);
    return () => {
      for (const l of ['areas', 'recent', 'late']) {
        map.off('mousemove', l, over);
        map.off('mouseleave', l, out);
      }
      map.off('click', click);
      popup.remove();
    };
  }, [map]);
}
