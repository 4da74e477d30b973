[=node.name]
