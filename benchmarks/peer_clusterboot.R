# The stability of k-means clusters by fpc::clusterboot: the mean of every cluster, on one line.
# Rscript peer_clusterboot.R values.csv k resamples starts seed
suppressMessages(library(fpc))
arguments <- commandArgs(TRUE)
numbers <- as.integer(arguments[-1])
values <- as.matrix(read.csv(arguments[1], header = FALSE))
result <- suppressWarnings(clusterboot(
  values, B = numbers[2], bootmethod = "boot", clustermethod = kmeansCBI,
  krange = numbers[1], runs = numbers[3], seed = numbers[4], count = FALSE
))
cat(result$bootmean, "\n")
