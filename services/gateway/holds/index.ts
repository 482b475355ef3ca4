export { type AskedHold, holdBody, holdsInForce, placeHold, releaseHold } from './place-hold.ts'
