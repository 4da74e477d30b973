<#if controllers?has_content>
[global]
controllers=[=controllers?join(",")]
</#if>
