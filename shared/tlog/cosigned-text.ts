const timeBytes = 8
const signatureBytes = 64
/** Of a timestamp, by the specification. */
const secondsMax = 2n ** 63n - 1n

/** What a witness signs of a checkpoint’s text (C2SP tlog-cosignature, Ed25519). */
export const cosignedText = (text: string, seconds: bigint): string =>
  `cosignature/v1\ntime ${seconds}\n${text}`

export const timestampBytes = (seconds: bigint): Buffer => {
  const bytes = Buffer.alloc(timeBytes)
  bytes.writeBigUInt64BE(seconds)
  return bytes
}

/** When a witness signed, and with which bytes; no timestamp when it is no cosignature. */
export const splitCosignature = (
  signature: Buffer,
): Readonly<{ timestamp: bigint | null; bytes: Buffer }> => {
  const bytes = signature.subarray(timeBytes)
  if (signature.length !== timeBytes + signatureBytes) return { timestamp: null, bytes }
  const timestamp = signature.readBigUInt64BE()
  return { timestamp: timestamp <= secondsMax ? timestamp : null, bytes }
}
