[=applianceKey]
