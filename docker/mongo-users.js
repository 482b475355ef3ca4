// Run once by the image, when the data folder is empty. Curfew's own user sees its own database only.
db.getSiblingDB('curfew').createUser({
  user: 'curfew',
  pwd: process.env.MONGO_CURFEW_PASSWORD,
  roles: [{ role: 'readWrite', db: 'curfew' }],
})
