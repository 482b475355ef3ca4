import { exactly, timeOfDay } from '../model/clock.ts'
import { duration } from '../model/format.ts'
import { gathered, type Laid, laidOut, type Mark, type MarkKind } from '../model/life.ts'

const axisY = 64
const shapes: Readonly<Record<MarkKind, string>> = {
  login: 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0-14 0z',
  rotation: 'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  replay: 'M0-8 8 6H-8z',
  reuse: 'M-6-8 0-2 6-8 8-6 2 0 8 6 6 8 0 2-6 8-8 6-2 0-8-6z',
  end: 'M-7-7H7V7H-7z',
  refusal: 'M-6 0 0-6 6 0 0 6z',
  other: 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z',
}

const Gaps = ({ laid }: Readonly<{ laid: Laid }>) => (
  <>
    {laid.gaps.map(({ x, width, ms }) => (
      <g key={x} class="gap">
        <path d={`M${x + 10} ${axisY}H${x + width - 10}`} />
        <text x={x + width / 2} y={axisY - 8}>
          {duration(ms)}
        </text>
      </g>
    ))}
  </>
)

/** Times stand on the axis where there is room for them. */
const labelled = (laid: Laid): ReadonlySet<number> => {
  const found = new Set<number>()
  let free = 0
  for (const [index, { x, kind }] of laid.marks.entries()) {
    const isWanted = kind !== 'rotation' || index % 4 === 0
    if (x < free || !isWanted) continue
    found.add(index)
    free = x + 62
  }
  return found
}

const Marks = ({ laid }: Readonly<{ laid: Laid }>) => {
  const labels = labelled(laid)
  return (
    <>
      {laid.marks.map(({ x, at, kind, count, title }, index) => (
        <g key={`${x} ${kind}`} class={`mark ${kind}`} transform={`translate(${x} ${axisY})`}>
          <title>{`${title}, ${exactly(at)}`}</title>
          <path d={shapes[kind]} />
          {count > 1 && <text y={-12}>×{count}</text>}
          {kind !== 'rotation' && count === 1 && <text y={-16}>{kind}</text>}
          {labels.has(index) && (
            <text class="axis" y={28}>
              {timeOfDay(at)}
            </text>
          )}
        </g>
      ))}
    </>
  )
}

type Props = Readonly<{ marks: readonly Mark[]; label: string }>

/** The life of a session as a picture; what it shows is in the list of events below it, too. */
export const Timeline = ({ marks, label }: Props) => {
  const laid = laidOut(gathered(marks))
  const width = Math.max(320, laid.width)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys, too
    <section class="timeline" tabIndex={0} aria-label={label}>
      <svg
        role="img"
        aria-label={label}
        width={width}
        height={112}
        viewBox={`0 0 ${width} 112`}
        xmlns="http://www.w3.org/2000/svg"
      >
        <path class="line" d={`M12 ${axisY}H${width - 12}`} />
        <Gaps laid={laid} />
        <Marks laid={laid} />
      </svg>
    </section>
  )
}

const copied = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'text-anchor']

/** What a picture stands on: its text is readable there, and perhaps nowhere else. */
export const groundOf = (svg: SVGSVGElement): string =>
  getComputedStyle(svg.closest('.timeline') ?? svg).backgroundColor

/** The picture alone, with the colours that it has now. */
export const pictureOf = (svg: SVGSVGElement): string => {
  const clone = svg.cloneNode(true) as SVGSVGElement
  const [from, to] = [[...svg.querySelectorAll('*')], [...clone.querySelectorAll('*')]]
  for (const [index, element] of from.entries()) {
    const style = getComputedStyle(element)
    for (const name of copied) to[index]?.setAttribute(name, style.getPropertyValue(name))
    to[index]?.setAttribute('font-family', 'sans-serif')
  }
  return new XMLSerializer().serializeToString(clone)
}
