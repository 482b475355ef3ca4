/** Whether whoever looks may change something: an administrator may, an auditor reads. */
export const mayAct = document.body.dataset['may'] === 'act'
export const ownName = document.body.dataset['user'] ?? ''
