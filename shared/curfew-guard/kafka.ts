export * from '../../shared/guard-kafka/kafka-feed.ts'
