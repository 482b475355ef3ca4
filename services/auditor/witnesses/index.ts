export { type AskedWitness, isWitness, parseWitness } from './asked-witness.ts'
export { openWitnessRounds } from './open-witness-rounds.ts'
export { WitnessRounds } from './witness-rounds.ts'
