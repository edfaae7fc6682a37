/** A small column chart of how many came, the latest last; the words beside it say the same. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  const top = Math.max(1, ...values);
  const w = 6;
  return (
    <svg className="spark" role="img" aria-label={label} width={values.length * (w + 2)} height={28} viewBox={`0 0 ${values.length * (w + 2)} 28`}>
      {values.map((v, i) => {
        const h = v === 0 ? 1 : Math.max(3, (v / top) * 26);
        // Columns have no name but their place.
        // eslint-disable-next-line react/no-array-index-key
        return <rect key={i} x={i * (w + 2)} y={28 - h} width={w} height={h} className={i === values.length - 1 ? 'last' : ''} />;
      })}
    </svg>
  );
}
