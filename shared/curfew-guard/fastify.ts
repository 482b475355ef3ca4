export * from '../guard/fastify.ts'
