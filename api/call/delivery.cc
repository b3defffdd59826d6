// SPDX-License-Identifier: Apache-2.0
#include "api/call/delivery.h"

#include <algorithm>

namespace wirepas_grpc::api {
Delivery::ReaderPtr Delivery::Add() {
  auto reader = std::make_unique<Reader>(this);
  core::MutexLock lock(&mutex_);
  readers_.insert(reader.get());
  return reader;
}

Delivery::Reader::~Reader() {
  core::MutexLock lock(&delivery_->mutex_);
  delivery_->readers_.erase(this);
}

size_t Delivery::readers() const {
  core::MutexLock lock(&mutex_);
  return readers_.size();
}

std::optional<uint64_t> Delivery::slowest() const {
  std::optional<uint64_t> slowest;
  core::MutexLock lock(&mutex_);
  for (const Reader* reader : readers_) {
    const uint64_t next = reader->next_.load(std::memory_order_relaxed);
    if (next != 0) slowest = std::min(slowest.value_or(next), next);
  }
  return slowest;
}

}  // namespace wirepas_grpc::api
