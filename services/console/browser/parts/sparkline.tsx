type Props = Readonly<{ values: readonly number[]; label: string; tone?: string }>

const [width, height] = [300, 56] as const

/** One column a second, as tall as its value; empty seconds stay empty. */
export const Sparkline = ({ values, label, tone = '' }: Props) => {
  const most = Math.max(1, ...values)
  const step = width / Math.max(1, values.length)
  const path = values
    .map((value, index) => {
      if (value === 0) return ''
      const tall = Math.max(1.5, (value / most) * (height - 4))
      const [x, up, right] = [(index * step).toFixed(1), (-tall).toFixed(1), step.toFixed(2)]
      return `M${x} ${height}v${up}h${right}V${height}z`
    })
    .join('')
  return (
    <svg
      class={`spark ${tone}`}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
    >
      <path class="base" d={`M0 ${height - 0.5}H${width}`} />
      <path class="columns" d={path} />
    </svg>
  )
}
