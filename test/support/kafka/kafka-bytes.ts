/** How Kafka's older protocol versions write numbers and texts. */
export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const text = (value: string): Buffer =>
  Buffer.concat([int16(value.length), Buffer.from(value)])
