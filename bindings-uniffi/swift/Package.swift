// swift-tools-version:5.9
import PackageDescription

let package = Package(
    name: "workload-identity",
    products: [.library(name: "WorkloadIdentityNative", targets: ["WorkloadIdentityNative"])],
    targets: [
        .systemLibrary(name: "WorkloadIdentityNativeFFI", path: "generated/WorkloadIdentityNativeFFI"),
        .target(
            name: "WorkloadIdentityNative",
            dependencies: ["WorkloadIdentityNativeFFI"],
            path: "generated/WorkloadIdentityNative"
        ),
    ]
)
