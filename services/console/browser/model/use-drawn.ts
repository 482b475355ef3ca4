import { useEffect, useState } from 'preact/hooks'

const rowPx = 36
/** Somebody who begins to scroll finds rows there. */
const beyondScreen = 30
/** Few enough that a frame has time for them. */
const moreEachFrame = 25

const onScreen = (): number => Math.ceil(innerHeight / rowPx) + beyondScreen

/**
 * How many of `count` rows are drawn. While the list moves, no more than a screen shows: of many
 * that come at once most would be gone before anybody sees them. At rest all, some more with each
 * frame.
 */
export const useDrawn = (isMoving: boolean, count: number): number => {
  const [atRest, setAtRest] = useState(0)
  const drawn = Math.min(count, Math.max(onScreen(), isMoving ? 0 : atRest))
  useEffect(() => {
    if (isMoving) return setAtRest(0)
    if (drawn >= count) return
    const frame = requestAnimationFrame(() => setAtRest(drawn + moreEachFrame))
    return () => cancelAnimationFrame(frame)
  }, [isMoving, drawn, count])
  return drawn
}
