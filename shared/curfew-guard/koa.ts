export * from '../../shared/guard/middleware/koa.ts'
