export * from '../guard/http.ts'
