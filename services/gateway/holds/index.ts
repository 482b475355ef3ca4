export { holdBody } from './hold-body.ts'
export { type AskedHold, holdsInForce, placeHold, releaseHold } from './place-hold.ts'
