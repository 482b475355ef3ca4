import { optional, text } from '../kernel/config.ts'

const whenSsl = 'With CURFEW_KAFKA_SSL. Read at each connection, so a renewed one needs no restart.'

/** Whom a client of Kafka believes, and who it is. */
export const kafkaTlsFields = {
  kafkaCaFile: optional({
    env: 'CURFEW_KAFKA_SSL_CA_FILE',
    schema: text(),
    takes: 'a file',
    doc: `PEM of the authorities that sign the brokers’ certificates. ${whenSsl}`,
  }),
  kafkaCertFile: optional({
    env: 'CURFEW_KAFKA_SSL_CERT_FILE',
    schema: text(),
    takes: 'a file',
    doc: `PEM of the client’s own certificate, where brokers ask for one. ${whenSsl}`,
  }),
  kafkaKeyFile: optional({
    env: 'CURFEW_KAFKA_SSL_KEY_FILE',
    schema: text(),
    takes: 'a file',
    doc: `PEM of its private key. ${whenSsl}`,
  }),
} as const

type Given = Readonly<{
  kafkaSsl: boolean
  kafkaCaFile: string | null
  kafkaCertFile: string | null
  kafkaKeyFile: string | null
}>

export const tlsFilesOf = ({ kafkaCaFile, kafkaCertFile, kafkaKeyFile }: Given) => ({
  caFile: kafkaCaFile,
  certFile: kafkaCertFile,
  keyFile: kafkaKeyFile,
})

/** What single fields cannot say. */
export const kafkaTlsMistakes = (given: Given): string[] => {
  const { kafkaSsl, kafkaCaFile, kafkaCertFile, kafkaKeyFile } = given
  const isAny = kafkaCaFile !== null || kafkaCertFile !== null || kafkaKeyFile !== null
  return [
    ...(isAny && !kafkaSsl ? ['CURFEW_KAFKA_SSL_*_FILE need CURFEW_KAFKA_SSL=true.'] : []),
    ...((kafkaCertFile === null) !== (kafkaKeyFile === null)
      ? ['CURFEW_KAFKA_SSL_CERT_FILE and CURFEW_KAFKA_SSL_KEY_FILE go together.']
      : []),
  ]
}
