/** W3C Trace Context, version 00: who caused a record, as a header of it. */
export const traceHeader = 'traceparent'

export type TraceParent = Readonly<{ traceId: string; spanId: string; traceFlags: number }>

const form = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

export const traceParentText = ({ traceId, spanId, traceFlags }: TraceParent): string =>
  `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`

/** `null` for what is no trace context: anybody who may write to a topic may write anything. */
export const parseTraceParent = (text: string | undefined): TraceParent | null => {
  const [, traceId, spanId, flags] = form.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) }
}
