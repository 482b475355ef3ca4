export * from '../guard-kafka/kafka-feed.ts'
