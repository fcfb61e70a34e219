package mutability

const (
	besideDatabase = "make another database beside it, move the data, and take the old one away"
	flexible       = "flexibleservers.dbforpostgresql.azure.m.upbound.io"
	flexibleMySQL  = "flexibleservers.dbformysql.azure.m.upbound.io"
	instance       = "instances.rds.aws.m.upbound.io"
	sqlInstance    = "databaseinstances.sql.gcp.m.upbound.io"
	databaseClaim  = "databases.platform.spokewright.dev"
)

func databases() []Entry {
	const kind = "Database"
	entries := shared(kind, "databases", "the database", besideDatabase)
	for _, cloud := range Clouds() {
		entries = append(entries,
			Entry{Kind: kind, Field: "region", Clouds: []string{cloud}, Cases: never(kind, "region",
				"a database does not move: it would be made anew and empty in the other region", besideDatabase, regionOfDatabase(cloud))},
			Entry{Kind: kind, Field: "engine", Clouds: []string{cloud}, Cases: never(kind, "engine",
				"a database keeps its engine: it would be made anew and empty", besideDatabase, engineOfDatabase(cloud))},
			Entry{Kind: kind, Field: "externalName", Clouds: []string{cloud}, Feeds: feedsOfAdoptedDatabase(cloud), Cases: never(kind, "externalName",
				"a claim does not take hold of something else than it was made with", "adopt the other one as another database", regionOfDatabase(cloud))},
		)
	}
	for _, more := range [][]Entry{versionOfDatabase(), machine(), storage(), standby(), backups(), encryption(), public(), deletionOfDatabase()} {
		entries = append(entries, more...)
	}
	return entries
}

func regionOfDatabase(cloud string) Source {
	return map[string]Source{
		"aws":   definition(instance, "region", "the region that the resource is managed in"),
		"azure": definition(flexible, "location", "another location makes a new server"),
		"gcp":   report(terraformGCP+"sql/resource_sql_database_instance.go", "another region makes a new instance"),
	}[cloud]
}

func engineOfDatabase(cloud string) Source {
	return map[string]Source{
		"aws":   report(terraformAWS+"rds/instance.go", "another engine makes a new instance"),
		"azure": definition(flexible, "version", "a server is PostgreSQL alone; MySQL is another kind of resource"),
		"gcp":   definition(sqlInstance, "databaseVersion", "the version says the engine too"),
	}[cloud]
}

func feedsOfAdoptedDatabase(cloud string) []string {
	return map[string][]string{"azure": {"FlexibleServer.resourceGroupName"}}[cloud]
}

// window is what RDS does with most changes: the composition does not set applyImmediately.
func window() Source {
	return definition(instance, "applyImmediately", "without it changes wait for the next maintenance window")
}

// faster is why a disk that grows over 400 GB needs another speed.
func faster() Source {
	return report("https://github.com/hashicorp/terraform-provider-aws/issues/28382", "growing a gp3 disk from 100 to 400 GB is refused with the 3,000 IOPS of the smaller one")
}

func versionOfDatabase() []Entry {
	const kind, field, back = "Database", "version", "keep the version that runs"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.engineVersion"}, Cases: []Case{
			{When: goesDown(), Effect: Refused, Why: "RDS takes no lower version, and the provider does not ask it to: nothing comes of it", Instead: back, Sources: []Source{
				report("https://github.com/crossplane-contrib/provider-upjet-aws/blob/main/config/namespaced/rds/config.go", "a lower engine_version is left out, since RDS takes no downgrade")}},
			{When: majorUp(), Effect: Delayed, Why: "RDS upgrades to another major version in the next maintenance window; the database is away for as long as that takes, and there is no way back",
				Sources: []Source{window(), definition(instance, "allowMajorVersionUpgrade", "indicates that major upgrades are allowed, which the composition says"),
					report("https://github.com/aws-controllers-k8s/community/issues/1265", "without the flag the upgrade to a new major version is refused")}},
			{Effect: Delayed, Why: "RDS upgrades in the next maintenance window, with a restart", Sources: []Source{window()}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"FlexibleServer.version"}, Cases: []Case{
			{When: both(goesDown(), is("engine", "postgres")), Effect: Refused, Why: "a lower version would need a new server, which the provider does not make", Instead: back, Sources: []Source{
				report(terraformAz+"postgres/postgresql_flexible_server_resource.go", "a lower version makes a new server"), replaces()}},
			{When: goesDown(), Effect: Refused, Why: "Azure upgrades MySQL in one direction alone", Instead: back, Sources: []Source{
				report("https://techcommunity.microsoft.com/t5/azure-database-for-mysql-blog/perform-mysql-major-version-upgrades-in-flexible-server-with/ba-p/3658342",
					"a server is upgraded in place, from a major version to a later one")}},
			{Effect: InPlace, Why: "Azure upgrades the server at once: it is away for some minutes, and there is no way back", Sources: []Source{
				report(terraformAz+"postgres/postgresql_flexible_server_resource.go", "a higher version is updated where it is"),
				report(terraformAz+"mysql/mysql_flexible_server_resource.go", "the version is updated where it is")}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.databaseVersion"}, Cases: []Case{
			{When: goesDown(), Effect: Refused, Why: "Cloud SQL upgrades in one direction alone", Instead: back, Sources: []Source{
				report("https://cloud.google.com/sql/docs/mysql/upgrade-major-db-version-inplace", "an instance is upgraded in place to the later versions that it lists")}},
			{Effect: InPlace, Why: "Cloud SQL upgrades the instance at once: it is away for some minutes, and there is no way back", Sources: []Source{
				report(terraformGCP+"sql/resource_sql_database_instance.go", "database_version is patched by itself, before all other changes"),
				report("https://github.com/hashicorp/terraform-provider-google/issues/12252", "major versions of PostgreSQL and MySQL are upgraded in place")}},
		}},
	}
}

// machine is the size of the machine: a restart everywhere, at once or in the window.
func machine() []Entry {
	const kind, field = "Database", "size"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.instanceClass"}, Left: true, Cases: []Case{{
			Effect: Delayed, Why: "RDS changes the machine in the next maintenance window, with a restart",
			Sources: []Source{window(), report("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html", "the class of an instance changes in the window, with downtime")}}}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"FlexibleServer.skuName"}, Left: true, Cases: inPlace("Azure changes the machine at once, with a restart",
			definition(flexibleMySQL, "skuName", "the size of the server"), report(terraformAz+"postgres/postgresql_flexible_server_resource.go", "sku_name is updated where it is"))},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.settings.tier"}, Left: true, Cases: inPlace("Cloud SQL changes the machine at once, with a restart",
			definition(sqlInstance, "settings.tier", "the machine type of the instance"))},
	}
}

// storage only grows: the hub's API sees to that already.
func storage() []Entry {
	const kind, field = "Database", "storageGB"
	smaller := func(why string, sources ...Source) Case {
		return Case{When: shrinks(), Effect: Refused, Why: why, Instead: "keep the size; or " + besideDatabase,
			Sources: append([]Source{definition(databaseClaim, field, "it never shrinks: the API server of the hub refuses it")}, sources...)}
	}
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance", "Instance.allocatedStorage"}, Cases: []Case{
			smaller("RDS makes no disk smaller", report("https://github.com/cloud-gov/aws-broker/pull/98", "storage of RDS can be increased only")),
			{When: growsLittle(), Effect: Refused, Why: "RDS grows a disk by a tenth at least", Instead: "grow it by a tenth or more, or not at all", Sources: []Source{
				report("https://github.com/cloud-gov/aws-broker/issues/241", "a storage size that is not at least 10 % larger fails")}},
			{When: both(crosses400(), adopted()), Effect: Refused, Why: "from 400 GB on RDS wants more IOPS than a smaller disk has, and the provider keeps the number that it learnt from the smaller one",
				Instead: "stay below 400 GB; or " + besideDatabase, Sources: []Source{faster(), definition(instance, "iops", "for gp3 there is a threshold of the size, by engine"),
					report(upjetLate, "what the cloud chose is written into forProvider unless the provider leaves it out")}},
			{When: crosses400(), Effect: Delayed, Why: "RDS grows the disk in the next maintenance window and stripes it, with the 12,000 IOPS and 500 MB/s that it wants from 400 GB on, which the composition says",
				Sources: []Source{window(), faster(), definition(instance, "storageThroughput", "for gp3 there is a threshold of the size, by engine")}},
			{Effect: Delayed, Why: "RDS grows the disk in the next maintenance window, without a restart; the next growth is possible six hours later", Sources: []Source{window(),
				report("https://repost.aws/knowledge-center/rds-autoscaling-low-free-storage", "storage cannot be changed again within six hours")}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"FlexibleServer.storage.sizeGb", "FlexibleServer.storageMb"}, Cases: []Case{
			smaller("Azure makes no disk smaller", report(terraformAz+"postgres/postgresql_flexible_server_resource.go", "a smaller storage_mb makes a new server"),
				report(terraformAz+"mysql/mysql_flexible_server_resource.go", "a smaller size_gb makes a new server"), replaces()),
			{When: both(anotherDisk(), is("engine", "postgres")), Effect: Refused,
				Why:     "a larger disk of Azure's needs another performance tier, and the provider keeps the tier that it learnt from the smaller one",
				Instead: "stay within the disk that is there; or " + besideDatabase, Sources: []Source{
					report(terraformAz+"postgres/validate/flexible_server_storage_tier.go", "the tier of a disk is none of the tiers of a larger one"),
					report("https://github.com/hashicorp/terraform-provider-azurerm/issues/25938", "growing storage_mb with the tier of the smaller disk fails"),
					report("https://github.com/crossplane-contrib/provider-upjet-azure/blob/main/config/namespaced/postgresql/config.go", "storage_tier is not among what is left out"),
					report(upjetLate, "what the cloud chose is written into forProvider unless the provider leaves it out")}},
			{When: is("engine", "postgres"), Effect: InPlace, Why: "nothing changes: it is the same disk of Azure's", Sources: []Source{
				definition(flexible, "storageMb", "the sizes that there are: powers of two")}},
			{Effect: InPlace, Why: "Azure grows the disk while the server runs", Sources: []Source{
				definition(flexibleMySQL, "storage.sizeGb", "the most storage of the server"), report(terraformAz+"mysql/mysql_flexible_server_resource.go", "a larger size_gb is updated where it is")}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.settings.diskSize"}, Cases: []Case{
			smaller("Cloud SQL makes no disk smaller", definition(sqlInstance, "settings.diskSize", "the disk of a running instance can be increased, not reduced"), replaces()),
			{Effect: InPlace, Why: "Cloud SQL grows the disk while the instance runs", Sources: []Source{
				definition(sqlInstance, "settings.diskSize", "the disk of a running instance can be increased, not reduced")}},
		}},
	}
}

func standby() []Entry {
	const kind, field = "Database", "highlyAvailable"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.multiAz"}, Cases: []Case{{
			Effect: Delayed, Why: "RDS makes or removes the second machine in the next maintenance window",
			Sources: []Source{window(), definition(instance, "multiAz", "whether there is a second one in another zone")}}}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"FlexibleServer"}, Cases: inPlace("Azure makes or removes the second machine at once",
			definition(flexible, "highAvailability.mode", "in the same zone or in another one"), definition(flexibleMySQL, "highAvailability.mode", "in the same zone or in another one"))},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.settings.availabilityType"}, Cases: []Case{
			{When: both(becomes(true), is("backups.retentionDays", 0)), Effect: Refused, Why: "Cloud SQL has a second machine only where there are backups", Instead: "keep backups for a day at least",
				Sources: []Source{definition(sqlInstance, "settings.availabilityType", "backups must be enabled, and what recovers to a point in time")}},
			{Effect: InPlace, Why: "Cloud SQL makes or removes the second machine at once, with a short restart", Sources: []Source{
				definition(sqlInstance, "settings.availabilityType", "REGIONAL is highly available, ZONAL is not")}},
		}},
	}
}

func backups() []Entry {
	const kind, field = "Database", "backups.retentionDays"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.backupRetentionPeriod"}, Cases: []Case{
			{When: startsOrEnds(), Effect: Delayed, Why: "RDS begins or ends backups in the next maintenance window, with a restart", Sources: []Source{window(),
				report("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html", "an outage occurs where the period changes from or to 0")}},
			{Effect: InPlace, Why: "RDS keeps backups longer or shorter from now on", Sources: []Source{definition(instance, "backupRetentionPeriod", "0 to 35 days")}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"FlexibleServer.backupRetentionDays"}, Cases: inPlace(
			"Azure keeps backups longer or shorter from now on, those of PostgreSQL for seven days at least, those of MySQL for one",
			definition(flexible, "backupRetentionDays", "7 to 35 days"), definition(flexibleMySQL, "backupRetentionDays", "1 to 35 days"))},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{
			"DatabaseInstance.settings.backupConfiguration.backupRetentionSettings.retainedBackups", "DatabaseInstance.settings.backupConfiguration.binaryLogEnabled",
			"DatabaseInstance.settings.backupConfiguration.enabled", "DatabaseInstance.settings.backupConfiguration.pointInTimeRecoveryEnabled",
			"DatabaseInstance.settings.backupConfiguration.transactionLogRetentionDays"}, Cases: []Case{
			{When: both(toZero(), is("highlyAvailable", true)), Effect: Refused, Why: "Cloud SQL has a second machine only where there are backups", Instead: "keep backups for a day at least",
				Sources: []Source{definition(sqlInstance, "settings.availabilityType", "backups must be enabled, and what recovers to a point in time")}},
			{Effect: InPlace, Why: "Cloud SQL keeps more or fewer backups from now on; from or to 0 with a restart", Sources: []Source{
				definition(sqlInstance, "settings.backupConfiguration.pointInTimeRecoveryEnabled", "the database restarts where it is enabled later")}},
		}},
	}
}

// encryption: of the three clouds only Amazon has databases that are not encrypted.
func encryption() []Entry {
	const kind, field = "Database", "encrypted"
	own := definition(databaseClaim, field, "it is not taken away: the API server of the hub refuses it")
	always := func(cloud, name string) Entry {
		return Entry{Kind: kind, Field: field, Clouds: []string{cloud}, Cases: []Case{
			{When: becomes(false), Effect: Refused, ByHub: true, Why: "the hub's API takes no encryption away, and " + name + " encrypts every database", Instead: "keep it", Sources: []Source{own}},
			{Effect: InPlace, Why: "nothing changes: " + name + " encrypts every database", Sources: []Source{own}},
		}}
	}
	anew := "the disk of an instance of RDS is encrypted from its first day or never, and the provider does not replace it: the database would have to be made anew"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.storageEncrypted"}, Left: true, Cases: []Case{
			{When: becomes(false), Effect: Recreate, ByHub: true, Why: anew, Instead: besideDatabase, Sources: []Source{own, report(terraformAWS+"rds/instance.go", "another storage_encrypted makes a new instance"), replaces()}},
			{Effect: Recreate, Why: anew, Instead: "restore a snapshot, copied with encryption, as another database, and take the old one away", Sources: []Source{
				report(terraformAWS+"rds/instance.go", "another storage_encrypted makes a new instance"), replaces()}},
		}},
		always("azure", "Azure"), always("gcp", "Google Cloud"),
	}
}

func public() []Entry {
	const kind, field = "Database", "public"
	const fixed = "a server of Azure is in a subnet of its own or public for life, and the provider does not replace it: it would have to be made anew"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.publiclyAccessible", "SecurityGroupRule", "SubnetGroup.subnetIdSelector.matchLabels[spokewright.dev/access]"},
			Left: true, Cases: []Case{{
				Effect:  Refused,
				Why:     "a rule of a security group is not changed by the provider, and the subnets of the database stay those that it began in: it would be reached from nowhere new",
				Instead: besideDatabase,
				Sources: []Source{
					report(terraformAWS+"ec2/vpc_security_group_rule.go", "another cidr_blocks or self makes a new rule"), replaces(),
					definition("subnetgroups.rds.aws.m.upbound.io", "subnetIdSelector.policy.resolve", "a selector is resolved once, unless Always is said")}}}},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{
			"FlexibleServer.delegatedSubnetIdSelector.matchLabels[spokewright.dev/access]", "FlexibleServer.delegatedSubnetIdSelector.policy.resolution",
			"FlexibleServer.privateDnsZoneIdSelector.matchLabels[spokewright.dev/access]", "FlexibleServer.privateDnsZoneIdSelector.policy.resolution",
			"FlexibleServer.publicNetworkAccess", "FlexibleServer.publicNetworkAccessEnabled"}, Cases: []Case{
			{When: adopted(), Effect: InPlace, Why: "Azure opens or shuts the public address, where the server is in no subnet of its own", Sources: []Source{
				definition(flexibleMySQL, "publicNetworkAccess", "whether public traffic is allowed"),
				report(terraformAz+"postgres/postgresql_flexible_server_resource.go", "public_network_access_enabled is updated where it is")}},
			{Effect: Recreate, Why: fixed, Instead: besideDatabase, Sources: []Source{
				definition(flexible, "delegatedSubnetId", "another subnet makes a new server"), definition(flexibleMySQL, "delegatedSubnetId", "another subnet makes a new server"), replaces()}},
		}},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.settings.ipConfiguration.ipv4Enabled"}, Left: true, Cases: inPlace(
			"Cloud SQL gives or takes a public address beside the private one, and the endpoint that the claim tells changes with it",
			report(terraformGCP+"sql/resource_sql_database_instance.go", "ipv4_enabled is updated where it is"))},
	}
}

func deletionOfDatabase() []Entry {
	const kind, field = "Database", "deletion"
	const why = "the cloud's own deletion protection and last backups, and what Crossplane may do, follow it"
	return []Entry{
		{Kind: kind, Field: field, Clouds: []string{"aws"}, Feeds: []string{"Instance.deleteAutomatedBackups", "Instance.deletionProtection", "Instance.skipFinalSnapshot", "PushSecret.deletionPolicy"},
			Cases: inPlace(why, definition(instance, "deletionProtection", "while it is on, the database cannot be deleted"), definition(instance, "skipFinalSnapshot", "whether a last snapshot is made"))},
		{Kind: kind, Field: field, Clouds: []string{"azure"}, Feeds: []string{"PushSecret.deletionPolicy"}, Cases: inPlace("what Crossplane may do follows it; Azure has neither protection nor last backups for it",
			definition(databaseClaim, field, "Orphan keeps the cloud's objects, Snapshot a last snapshot"))},
		{Kind: kind, Field: field, Clouds: []string{"gcp"}, Feeds: []string{"DatabaseInstance.deletionProtection", "DatabaseInstance.settings.deletionProtectionEnabled",
			"DatabaseInstance.settings.retainBackupsOnDelete", "PushSecret.deletionPolicy"},
			Cases: inPlace(why, definition(sqlInstance, "deletionProtection", "without it, the instance may be deleted"), definition(sqlInstance, "settings.retainBackupsOnDelete", "backups outlive the instance"))},
	}
}
