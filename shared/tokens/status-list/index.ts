export { signStatusList, statusListTyp } from './sign-status-list.ts'
export { StatusBits } from './status-bits.ts'
