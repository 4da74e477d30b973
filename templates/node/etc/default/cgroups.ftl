<#ftl output_format="Shell">
# Incus needs the unified hierarchy.
CGROUPS_VERSION=2
