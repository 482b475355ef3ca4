export * from '../../shared/guard/fastify.ts'
