export * from '../../shared/guard/koa.ts'
