type Closing = Readonly<{
  once(event: 'close', listener: () => void): unknown
  destroyed?: boolean | undefined
}>

/** A response of `node:http` or `node:http2`, or a socket, as far as it is looked at here. */
export type OpenResponse = Closing &
  Readonly<{
    /** What a response of `node:http2` has. */
    stream?: { destroyed?: boolean | undefined } | undefined
    /** What a response of `node:http` has. */
    req?: { socket?: unknown } | undefined
  }>

const isClosing = (value: unknown): value is Closing =>
  typeof value === 'object' && value !== null && 'once' in value && typeof value.once === 'function'

/** A stream of HTTP/2 has no others before it: it tells its own end. */
const socketOf = ({ stream, req }: OpenResponse): Closing | null =>
  stream === undefined && isClosing(req?.socket) ? req.socket : null

/** Whether nobody is there any more to take the answer, or it has left. */
export const isResponseOver = (answer: OpenResponse): boolean =>
  answer.destroyed === true ||
  answer.stream?.destroyed === true ||
  socketOf(answer)?.destroyed === true

/** By sockets, each with one listener however many requests come on it. */
const waiting = new WeakMap<object, Set<() => void>>()

const waitingOn = (socket: Closing): Set<() => void> => {
  const known = waiting.get(socket)
  if (known) return known
  const all = new Set<() => void>()
  waiting.set(socket, all)
  socket.once('close', () => {
    for (const tell of [...all]) tell()
  })
  return all
}

/**
 * Calls `over` once when the answer has left or its connection is gone; at once where it is. Of
 * requests that came in a row on one connection Node tells the close to the response alone whose
 * turn it is: the ones behind it hear nothing, so the socket is listened to as well.
 */
export const onResponseOver = (answer: OpenResponse, over: () => void): void => {
  if (isResponseOver(answer)) {
    over()
    return
  }
  const socket = socketOf(answer)
  const all = socket ? waitingOn(socket) : null
  let isTold = false
  const tell = (): void => {
    if (isTold) return
    isTold = true
    all?.delete(tell)
    over()
  }
  all?.add(tell)
  answer.once('close', tell)
}
