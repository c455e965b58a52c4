// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

namespace rhumb::admin {

Page metrics_page(MetricSources sources) {
  const auto from = std::make_shared<const MetricSources>(std::move(sources));
  std::vector<Family> families;
  add_request_families(families, from);
  add_region_families(families, from);
  add_gateway_families(families, from);
  add_process_families(families, from);
  return Page(std::move(families));
}

std::unique_ptr<BodySource> metrics_source(MetricSources sources) {
  class Source final : public BodySource {
   public:
    explicit Source(Page page) : page_(std::move(page)) {}
    State next(std::string& to) override { return page_.next(to) ? State::more : State::done; }

   private:
    Page page_;
  };
  return std::make_unique<Source>(metrics_page(std::move(sources)));
}

std::string render_metrics(const Registry& registry, const upstream::Meters& meters,
                           const std::vector<upstream::RegionReport>& regions, const GatewayInfo& info) {
  Page page = metrics_page({registry, meters, regions, info});
  std::string text;
  while (page.next(text)) continue;
  return text;
}

}  // namespace rhumb::admin
