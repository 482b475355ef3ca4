export { checkEmail, checkName, checkRoles, emailKey } from './account-rules.ts'
export { accountFields } from './account-settings.ts'
export {
  activeCaller,
  type CallerDeps,
  callerOf,
  refuseEndedBy,
  userStateOf,
} from './authenticate-caller.ts'
export { deleteUser, deliverAccountChange, setActive, setPassword } from './change-account.ts'
export { changeOwnPassword, type OwnPasswordChange } from './change-own-password.ts'
export { createUser, importUser } from './create-user.ts'
export { completeErasures, type ErasureDeps, eraseUser } from './erase-user.ts'
export { everyUser } from './every-user.ts'
export {
  couldNameUser,
  type FoundBy,
  type FoundSubject,
  findSubject,
  findUser,
  isSubjectId,
  knownSubject,
  type SubjectDeps,
  unknownUser,
} from './find-user.ts'
export {
  deleteKeepingAnAdministrator,
  disableKeepingAnAdministrator,
  setRolesKeepingAnAdministrator,
} from './last-administrator.ts'
export type { LoginHistory } from './login-history.ts'
export { memoryLoginHistory } from './login-history.ts'
export type { Admitted, Limited } from './login-limits.ts'
export { rateLimited } from './login-limits.ts'
export { storedName, userNamed } from './name-spellings.ts'
export { type Accounts, openAccounts } from './open-accounts.ts'
export { openPasswords, type Passwords } from './open-passwords.ts'
export { type HashCost, isKnownHash, noPassword } from './password-hash.ts'
export { checkPassword } from './password-rules.ts'
export { type AccountDeps, completePendingCutoff } from './pending-cutoff.ts'
export {
  type AuthenticatedUser,
  type AuthorizedCaller,
  type Caller,
  forbidden,
  mayActForOthers,
  requireAdministrator,
  requireBuiltInDirectory,
  requireCaller,
  requireOwnerOrAdministrator,
  requireUser,
} from './require-caller.ts'
export { requirePerson, requireSteppedUpPerson } from './require-person.ts'
export { setRoles } from './set-roles.ts'
export { requireSteppedUp, type StepUp, type StepUpDeps, stepUp } from './step-up.ts'
export { foundUser, isActiveUser, lookUpUser, type UserLookup, usersOf } from './user-lookup.ts'
