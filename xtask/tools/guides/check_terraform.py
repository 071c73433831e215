"""Checks a Terraform block of a guide: it parses, and its federated credentials have the arguments of their resource."""

import sys

import hcl2

# The required arguments, from the documentation of the providers azuread 3 and azurerm 4.
RESOURCES = {
    "azuread_application_federated_identity_credential": {
        "application_id",
        "display_name",
        "issuer",
        "subject",
        "audiences",
    },
    "azurerm_federated_identity_credential": {"name", "parent_id", "issuer", "subject", "audience"},
}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        document = hcl2.load(file)
    checked = 0
    for resource in document.get("resource", []):
        for kind, blocks in resource.items():
            required = RESOURCES.get(kind.strip('"'))
            for name, arguments in blocks.items() if required else ():
                if missing := required - arguments.keys():
                    sys.exit(f"{kind} {name} lacks {sorted(missing)}")
                checked += 1
    if not checked:
        sys.exit("no federated credential in this block")
    print(f"{checked} federated credentials")


main()
