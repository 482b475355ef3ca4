export * from '../../shared/guard/middleware/fastify.ts'
