export * from '../guard-kafka/kafka-revocation-feed.ts'
